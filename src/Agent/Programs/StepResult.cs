using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Programs;

/// <summary>One program's first start after <see cref="ProgramHost.Activate"/>.</summary>
/// <param name="Name"><c>program:NAME</c>.</param>
/// <param name="Begin">When the start was decided.</param>
/// <param name="Duration">From <paramref name="Begin"/> to a successful exec, or to the failure.</param>
/// <param name="Error">Empty when the program was executed.</param>
internal readonly record struct StepResult(string Name, BootInstant Begin, TimeSpan Duration, string Error);
