namespace HaGrpc.Functional.Tests.Survival;

/// <summary>A process as /proc shows it; one that is over and not yet waited for is left out.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Start">Its start in clock ticks since boot: with the pid it is this process and no other.</param>
/// <param name="Parent">Process id of the parent.</param>
/// <param name="State">One letter.</param>
/// <param name="Shim">The program whose shim it is, or <c>guard</c>; empty for any other process.</param>
/// <param name="Program">The program that it belongs to by its environment; empty for none.</param>
/// <param name="Instance">The instance of it.</param>
internal sealed record SeenProcess(int Pid, long Start, int Parent, char State, string Shim, string Program, string Instance);
