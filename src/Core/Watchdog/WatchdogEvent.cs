using HaGrpc.Core.Model;

namespace HaGrpc.Core.Watchdogs;

/// <summary>Something that happened, as <see cref="Watchdog"/> sees it.</summary>
public abstract record WatchdogEvent;

/// <summary>The lease of a group was granted, renewed or resumed; it replaces what was known of the group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Until">Its end; <see cref="BootInstant.Never"/> asks for no watchdog (rule L6).</param>
/// <param name="Length">How long such a lease is.</param>
/// <param name="Timing">The times of the group.</param>
public sealed record LeaseHeld(string Group, BootInstant Until, TimeSpan Length, GroupTiming Timing) : WatchdogEvent;

/// <summary>Nothing acts for a group here any more: gate shut, addresses away, programs dead (rule W7).</summary>
/// <param name="Group">The group.</param>
public sealed record LeaseUndone(string Group) : WatchdogEvent;

/// <summary>The agent has looked at all that its predecessor left, and holds the device open, so that it ticks.</summary>
/// <param name="Seconds">Its timeout.</param>
public sealed record WatchdogFound(int Seconds) : WatchdogEvent;

/// <summary>The driver has taken a timeout.</summary>
/// <param name="Asked">What it was asked for.</param>
/// <param name="Seconds">What it made of that.</param>
public sealed record WatchdogArmed(int Asked, int Seconds) : WatchdogEvent;

/// <summary>The driver cannot stop it (<c>nowayout</c>): it ticks until the host is reset.</summary>
public sealed record WatchdogNotStopped : WatchdogEvent;

/// <summary>The device could not be opened or used. It is tried again with the next renewal.</summary>
public sealed record WatchdogFailed : WatchdogEvent;

/// <summary>Time has passed; sent at <see cref="Watchdog.NextWake"/> or at any other instant.</summary>
public sealed record InstantReached : WatchdogEvent;
