using HaGrpc.Core.Model;

namespace HaGrpc.Core.Watchdogs;

/// <summary>Something to do with the device, in the order given.</summary>
public abstract record WatchdogEffect;

/// <summary>Open the device if need be, set this timeout and pet; answer <see cref="WatchdogArmed"/> or <see cref="WatchdogFailed"/>.</summary>
/// <param name="Seconds">The timeout.</param>
public sealed record ArmWatchdog(int Seconds) : WatchdogEffect;

/// <summary>Pet, unless it is later than this by then; answer <see cref="WatchdogFailed"/> when the driver refuses.</summary>
/// <param name="NotAfter">The latest instant from which one timeout does not reach too far.</param>
public sealed record PetWatchdog(BootInstant NotAfter) : WatchdogEffect;

/// <summary>Stop it and close the device; answer <see cref="WatchdogNotStopped"/> when the driver refuses.</summary>
public sealed record DisarmWatchdog : WatchdogEffect;
