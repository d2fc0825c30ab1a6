using System.Collections.Immutable;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Core.Watchdogs;
using HaGrpc.Linux.Watchdogs;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Watchdogs;

/// <summary>
/// The ownership loop's side of the watchdog: tells <see cref="Watchdog"/> of leases and orders what it decides. Except for
/// <see cref="Open"/> and <see cref="Start"/>, only on the loop's thread.
/// </summary>
internal sealed class WatchdogDuty : IDisposable
{
    private readonly WatchdogOptions _options;
    private readonly WatchdogThread _thread;
    private readonly ILogger _logger;
    private readonly Watchdog _core = new();
    private readonly List<WatchdogEffect> _effects = [];
    private readonly Dictionary<string, GroupTiming> _timings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _judged = new(StringComparer.Ordinal);
    private ImmutableArray<Group> _groups = [];
    private int _shortest = WatchdogTimeout.ShortestSeconds;
    private bool _isDisposed;

    private WatchdogDuty(WatchdogOptions options, WatchdogThread thread, Outbox outbox, ILogger logger)
    {
        (_options, _thread, _logger) = (options, thread, logger);
        thread.Happened = e => Enqueue(() => Handle(e));
        thread.ProblemChanged = problem =>
        {
            if (problem.Length > 0)
                outbox.PostEvent("WatchdogMissing", "", 0, problem);
            Enqueue(Judge);
        };
    }

    /// <summary>Runs something on the loop's thread.</summary>
    public Action<Action> Enqueue { get; set; } = _ => { };

    /// <summary>CLOCK_BOOTTIME.</summary>
    public required Func<BootInstant> Now { get; init; }

    /// <summary>Says of a group why this host should not run it; empty when it may (rule C5). Must not wait.</summary>
    public Action<string, string> Unfit { get; set; } = (_, _) => { };

    /// <summary>When <see cref="Tick"/> must be called.</summary>
    public BootInstant NextWake => _core.NextWake;

    /// <summary>Opens the device, so that a wrong one is told at once.</summary>
    /// <param name="options">Whether, and which.</param>
    /// <param name="outbox">What the control plane is told.</param>
    /// <param name="now">CLOCK_BOOTTIME.</param>
    /// <param name="logger">The log.</param>
    /// <returns>Null when no watchdog is wanted.</returns>
    /// <exception cref="IOException">One is required, and there is none.</exception>
    public static WatchdogDuty? Open(WatchdogOptions options, Outbox outbox, Func<BootInstant> now, ILogger<WatchdogDuty> logger)
    {
        if (options.Mode == WatchdogMode.Off)
            return null;
        var device = WatchdogDevice.TryOpen(options.Device, out var problem);
        if (device is null && options.Mode == WatchdogMode.Required)
            throw new IOException($"--watchdog required: {problem}; --watchdog auto starts without one, --watchdog-device names another");
        return new(options, new WatchdogThread(options, device, problem, logger), outbox, logger) { Now = now };
    }

    /// <summary>Begins; what the device does is told after what is on the loop already.</summary>
    public void Start() => _thread.Start();

    /// <summary>Takes over changed groups. A group that is not named any more keeps its times for as long as it is held.</summary>
    public void Configure(ImmutableArray<Group> groups)
    {
        _groups = groups;
        foreach (var group in groups)
            _timings[group.Name] = group.Timing;
        Judge();
    }

    /// <summary>A lease was granted or renewed, before anything is done under it.</summary>
    public void Held(WriteDeadline write) => Held(write.Group, write.Until, write.View.Length);

    /// <summary>A lease was resumed; its view may be longer than the usual one, never shorter.</summary>
    public void Held(ResumeOwnership resume) => Held(resume.Group, resume.Until, null);

    /// <summary>Looks which groups nothing acts for any more.</summary>
    public void Look(Func<string, OwnerRole> roleOf)
    {
        foreach (var group in _core.Groups.ToArray())
        {
            if (roleOf(group) is not (OwnerRole.Owner or OwnerRole.Releasing or OwnerRole.Ending))
                Handle(new LeaseUndone(group));
        }
    }

    /// <summary>Time has passed.</summary>
    public void Tick() => Handle(new InstantReached());

    /// <summary>Leaves the device armed when something acts here, for a successor; else stops it.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
            _thread.Dispose();
        _isDisposed = true;
    }

    private void Held(string group, BootInstant until, TimeSpan? length)
    {
        if (_timings.TryGetValue(group, out var timing))
            Handle(new LeaseHeld(group, until, length ?? timing.Ttl, timing));
    }

    private void Handle(WatchdogEvent e)
    {
        if (e is WatchdogArmed armed && armed.Seconds > armed.Asked && armed.Seconds > _shortest)
        {
            _shortest = armed.Seconds;
            Judge();
        }
        _core.Handle(e, Now(), _effects);
        foreach (var effect in _effects)
            _thread.Order(effect);
        _effects.Clear();
    }

    /// <summary>Says once of each group whether a host that hangs is reset in time.</summary>
    private void Judge()
    {
        foreach (var gone in _judged.Keys.Except(_groups.Select(g => g.Name), StringComparer.Ordinal).ToArray())
            Judge(gone, "");
        foreach (var group in _groups)
            Judge(group.Name, group.Members.Length > 1 ? Obstacle(group.Timing) : "");
    }

    private void Judge(string group, string reason)
    {
        if (_judged.GetValueOrDefault(group, "") == reason)
            return;
        _judged[group] = reason;
        if (reason.Length > 0 && _thread.Problem.Length == 0)
            WatchdogLog.NotInTime(_logger, group, reason);
        if (_options.Mode == WatchdogMode.Required)
            Unfit(group, reason);
    }

    private string Obstacle(GroupTiming timing)
    {
        if (_thread.Problem is { Length: > 0 } problem)
            return $"there is no watchdog: {problem}";
        var seconds = Math.Max(WatchdogTimeout.SecondsFor(timing.Ttl, timing), _shortest);
        return WatchdogTimeout.IsInTime(seconds, timing.Ttl, timing)
            ? ""
            : $"{_options.Device} takes {seconds} s to reset this host, and ttl + takeover_margin - 2 heartbeats is only "
                + $"{DurationText.Format(WatchdogTimeout.Reach(timing.Ttl, timing))}; timing default or calm, or a longer ttl, would be right";
    }
}
