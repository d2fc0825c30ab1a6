using System.ComponentModel;
using HaGrpc.Agent.Configuration;
using HaGrpc.Core.Model;
using HaGrpc.Core.Watchdogs;
using HaGrpc.Linux;
using HaGrpc.Linux.Watchdogs;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Watchdogs;

/// <summary>
/// The one thread that touches the device: a driver may block, and a lease must not wait for it. What it is to do it is told; of several
/// orders that wait the latest counts. It pets nothing by itself.
/// </summary>
internal sealed class WatchdogThread : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _ordered = new(false);
    private readonly WatchdogOptions _options;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private WatchdogDevice? _device;
    private int _seconds;
    private int _told;
    private bool _isLeft;
    private string _problem = "";
    private int? _timeout;
    private BootInstant? _petUntil;
    private bool _isArmed;
    private bool _isClosing;

    /// <summary>Takes over the device, which may be open and tick already; the thread begins with <see cref="Start"/>.</summary>
    /// <param name="options">Where the device is.</param>
    /// <param name="device">The open device, or null.</param>
    /// <param name="problem">Why there is none.</param>
    /// <param name="logger">The log.</param>
    public WatchdogThread(WatchdogOptions options, WatchdogDevice? device, string problem, ILogger logger)
    {
        (_options, _device, _logger) = (options, device, logger);
        Note(problem);
        _thread = new Thread(Run) { Name = "watchdog", IsBackground = true };
    }

    /// <summary>Called on the thread with what came of an order. Must not wait.</summary>
    public Action<WatchdogEvent> Happened { get; set; } = _ => { };

    /// <summary>Called on any thread when the reason for which there is no device has changed; empty when there is one. Must not wait.</summary>
    public Action<string> ProblemChanged { get; set; } = _ => { };

    /// <summary>Why there is no device; empty when there is one.</summary>
    public string Problem => Volatile.Read(ref _problem);

    /// <summary>Begins, and tells of a device that is open already.</summary>
    public void Start() => _thread.Start();

    /// <summary>Orders something. From any thread.</summary>
    public void Order(WatchdogEffect effect)
    {
        lock (_lock)
        {
            switch (effect)
            {
                case ArmWatchdog arm:
                    (_timeout, _petUntil, _isArmed) = (arm.Seconds, null, true);
                    break;
                case PetWatchdog pet:
                    _petUntil = pet.NotAfter;
                    break;
                case DisarmWatchdog:
                    (_timeout, _petUntil, _isArmed) = (0, null, false);
                    break;
                default:
                    throw new InvalidOperationException($"unknown effect {effect}");
            }
        }
        _ordered.Set();
    }

    /// <summary>Carries out what waits and ends: a device that something still acts under is left armed for a successor.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isClosing = true;
        _ordered.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            Leave(isArmed: false);
        // A driver that blocks is left to the end of the process.
        else if (!_thread.Join(EndPatience))
            return;
        _ordered.Dispose();
    }

    private void Run()
    {
        if (_device is not null)
            Try(() => Happened(new WatchdogFound(_seconds = _device.Timeout)));
        for (var closing = false; !closing;)
        {
            _ordered.WaitOne();
            int? timeout;
            BootInstant? petUntil;
            bool isArmed;
            lock (_lock)
            {
                (timeout, petUntil, isArmed, closing) = (_timeout, _petUntil, _isArmed, _isClosing);
                (_timeout, _petUntil) = (null, null);
            }
            if (timeout is { } seconds)
                Try(() => SetTimeout(seconds));
            if (petUntil is { } notAfter)
                Try(() => Pet(notAfter));
            if (closing)
                Leave(isArmed);
        }
    }

    private void SetTimeout(int asked)
    {
        if (asked == 0)
        {
            Stop();
            return;
        }
        if (!TryOpen())
            return;
        _seconds = _device!.SetTimeout(asked);
        // A driver may take the new timeout for the next pet only.
        _device.Pet();
        if (_seconds != _told)
        {
            _told = _seconds;
            WatchdogLog.Armed(_logger, _options.Device, _device.Identity, _seconds);
            if (_seconds != asked)
                WatchdogLog.OtherTimeout(_logger, _options.Device, asked, _seconds);
        }
        Happened(new WatchdogArmed(asked, _seconds));
    }

    private bool TryOpen()
    {
        if (_device is not null)
            return true;
        _device = WatchdogDevice.TryOpen(_options.Device, out var problem);
        if (_device is null)
            Happened(new WatchdogFailed());
        else
            _isLeft = false;
        Note(problem);
        return _device is not null;
    }

    private void Stop()
    {
        // One that was closed after a failure may tick all the same.
        if (_device is null && !(_isLeft && TryOpen()))
            return;
        if (_device!.TryStop())
        {
            (_device, _seconds, _told) = (null, 0, 0);
            WatchdogLog.Disarmed(_logger, _options.Device);
            return;
        }
        WatchdogLog.NotStopped(_logger, _options.Device, _seconds);
        Happened(new WatchdogNotStopped());
    }

    private void Pet(BootInstant notAfter)
    {
        var late = new BootInstant(BootClock.Nanoseconds) - notAfter;
        if (late > TimeSpan.Zero)
            WatchdogLog.PetTooLate(_logger, _options.Device, late.TotalMilliseconds);
        else
            _device?.Pet();
    }

    private void Leave(bool isArmed)
    {
        if (_device is null)
            return;
        if (isArmed || !_device.TryStop())
            WatchdogLog.LeftArmed(_logger, _options.Device, _seconds);
        _device.Dispose();
        _device = null;
    }

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Win32Exception e)
        {
            _device?.Dispose();
            (_device, _seconds, _told, _isLeft) = (null, 0, 0, true);
            Happened(new WatchdogFailed());
            Note($"{_options.Device}: {e.Message}");
        }
    }

    private void Note(string problem)
    {
        if (problem == _problem)
            return;
        Volatile.Write(ref _problem, problem);
        if (problem.Length > 0)
            WatchdogLog.Missing(_logger, problem);
        ProblemChanged(problem);
    }
}
