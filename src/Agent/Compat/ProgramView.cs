using HaGrpc.Agent.Programs;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Compat;

/// <summary>A program at one instant.</summary>
/// <param name="Program">As it is to run here.</param>
/// <param name="Observed">What is known of it; null for nothing.</param>
/// <param name="Hold">This host's right to its group.</param>
/// <param name="Times">When it started and ended.</param>
internal sealed record ProgramView(ConfiguredProgram Program, ObservedProgram? Observed, GroupHold Hold, ProcessTimes Times)
{
    /// <summary>Its full name.</summary>
    public ProgramName Name => Program.Name;

    /// <summary>Its state here.</summary>
    public ProgramState State => Observed?.State ?? ProgramState.Stopped;

    /// <summary>Why its last start failed; empty when it did not.</summary>
    public string SpawnError => Observed?.Detail ?? "";

    /// <summary>Its name as Supervisor's clients write it.</summary>
    public string Namespec => Name.Group == Name.Name ? Name.Name : Name.ToString();
}
