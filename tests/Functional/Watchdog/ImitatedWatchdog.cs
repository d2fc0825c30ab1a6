using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>
/// A watchdog that behaves as Documentation/watchdog/watchdog-api.rst and drivers/watchdog/watchdog_dev.c of the kernel say, and writes
/// down what it is asked. It resets nothing. A real file with real calls, but no real driver.
/// </summary>
internal sealed class ImitatedWatchdog : IFuseDevice, IDisposable
{
    private const uint GetSupport = 0x80285700, SetOptions = 0x80045704, SetTimeout = 0xC0045706, GetTimeout = 0x80045707;
    private const int Busy = 16, Invalid = 22, NotTypewriter = 25, InputOutput = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ha-watchdog-");
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly FuseFile _file;
    private int _timeout = 60;
    private bool _isOpen;
    private bool _mayClose;

    public ImitatedWatchdog()
    {
        Path = System.IO.Path.Combine(_directory.FullName, "watchdog");
        _file = new FuseFile(Path, this);
    }

    public string Path { get; }

    public int Shortest { get; init; } = 1;

    public int Longest { get; init; } = 300;

    public bool NoWayOut { get; init; }

    /// <summary>It answers nothing that a watchdog would, as another device.</summary>
    public bool IsNone { get; init; }

    /// <summary>Every pet fails.</summary>
    public volatile bool IsBroken;

    /// <summary>It has been started and not stopped.</summary>
    public volatile bool IsTicking;

    /// <summary>What it was asked, without the pets.</summary>
    public IReadOnlyList<string> Calls => [.. _calls.Where(call => call != "pet")];

    public int Pets => _calls.Count(call => call == "pet");

    public Task Until(string what, Func<bool> condition) => Eventually.Until(what, Limit, condition, () => string.Join(", ", _calls));

    public Task UntilCalled(string call) => Until(call, () => _calls.Contains(call));

    public int Open()
    {
        if (_isOpen)
            return Busy;
        (_isOpen, _mayClose, IsTicking) = (true, false, true);
        _calls.Enqueue("open");
        return 0;
    }

    public int Write(ReadOnlySpan<byte> bytes)
    {
        if (IsBroken)
            return InputOutput;
        _mayClose = bytes.Contains((byte)'V');
        _calls.Enqueue(_mayClose ? "may close" : "pet");
        return 0;
    }

    public int Control(uint request, Span<byte> argument)
    {
        if (IsNone)
            return NotTypewriter;
        switch (request)
        {
            case GetSupport:
                "Imitated Watchdog"u8.CopyTo(argument[8..]);
                return 0;
            case GetTimeout:
                MemoryMarshal.Write(argument, _timeout);
                return 0;
            case SetTimeout:
                var wanted = MemoryMarshal.Read<int>(argument);
                if (wanted < Shortest || wanted > Longest)
                    return Invalid;
                _timeout = wanted;
                _calls.Enqueue($"timeout {wanted}");
                return 0;
            case SetOptions when NoWayOut:
                _calls.Enqueue("cannot stop");
                return Busy;
            case SetOptions:
                IsTicking = false;
                _calls.Enqueue("stop");
                return 0;
            default:
                return NotTypewriter;
        }
    }

    public int Close()
    {
        if (_mayClose && !NoWayOut)
            IsTicking = false;
        _isOpen = false;
        _calls.Enqueue(IsTicking ? "closed ticking" : "closed");
        return 0;
    }

    public void Dispose()
    {
        _file.Dispose();
        _directory.Delete();
    }
}
