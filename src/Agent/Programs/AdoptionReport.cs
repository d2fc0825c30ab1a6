using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Programs;

/// <summary>What an earlier agent had left running, or had left unread.</summary>
/// <param name="Groups">Every group that had a program directory.</param>
internal sealed record AdoptionReport(ImmutableArray<AdoptedGroup> Groups);

/// <summary>The leftovers of one group.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Live">Programs that run on under their shim.</param>
/// <param name="Ended">Programs whose exit record was collected.</param>
/// <param name="Killed">Programs that had lost their shim; their process trees were ended.</param>
internal sealed record AdoptedGroup(
    string Group,
    ImmutableArray<ProgramName> Live,
    ImmutableArray<ProgramName> Ended,
    ImmutableArray<ProgramName> Killed);
