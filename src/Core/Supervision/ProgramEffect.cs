using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>What is to be done for a program, in the order given.</summary>
public abstract record ProgramEffect;

/// <summary>Start a new instance; answered by <see cref="ProgramExecuted"/>, <see cref="StartFailed"/> or <see cref="StartRefused"/>.</summary>
public sealed record Spawn : ProgramEffect;

/// <summary>Send the stop signal; the shim kills the tree when the stop timeout is over even if nobody tells it to.</summary>
public sealed record SendStopSignal : ProgramEffect;

/// <summary>SIGKILL the whole tree until none of it is left; answered by <see cref="ProgramEnded"/>.</summary>
public sealed record KillTree : ProgramEffect;

/// <summary>Send <see cref="TimerFired"/> at this instant; replaces the timer before; <see cref="BootInstant.Never"/> clears it.</summary>
/// <param name="At">The instant.</param>
public sealed record SetTimer(BootInstant At) : ProgramEffect;

/// <summary>Tell everybody who watches that the program's state has changed.</summary>
/// <param name="Condition">The condition to report: one step may pass through several.</param>
public sealed record Report(ProgramCondition Condition) : ProgramEffect;

/// <summary>Stop and start the whole group: a program of it has become FATAL and asks for it.</summary>
public sealed record RestartGroup : ProgramEffect;

/// <summary>Say that this host cannot run the group: a program of it has become FATAL and asks for another host.</summary>
/// <param name="Detail">Why it is FATAL.</param>
public sealed record CallUnfit(string Detail) : ProgramEffect;
