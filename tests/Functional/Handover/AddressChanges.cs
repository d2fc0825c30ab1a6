using System.Collections.Concurrent;
using System.Diagnostics;
using HaGrpc.Functional.Tests.Network;

namespace HaGrpc.Functional.Tests.Handover;

/// <summary>What <c>ip monitor</c> says of the addresses of a namespace.</summary>
internal sealed class AddressChanges : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _monitor;

    public AddressChanges(NetworkSpace space)
    {
        _monitor = space.Do(() => Process.Start(new ProcessStartInfo("ip", ["monitor", "address"]) { RedirectStandardOutput = true })!);
        _monitor.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _monitor.BeginOutputReadLine();
    }

    /// <summary>Lines of deletions until now.</summary>
    public IReadOnlyList<string> Deleted() => [.. _lines.Where(l => l.StartsWith("Deleted", StringComparison.Ordinal))];

    public void Dispose()
    {
        if (!_monitor.HasExited)
            _monitor.Kill();
        _monitor.WaitForExit();
        _monitor.Dispose();
    }
}
