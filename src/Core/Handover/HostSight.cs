using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>What a member of a group sees of it.</summary>
/// <param name="Host">The host.</param>
/// <param name="Problem">Why it sees nothing; empty when it looked.</param>
/// <param name="Boot">The boot of its kernel.</param>
/// <param name="Programs">The group's programs there.</param>
/// <param name="Addresses">The group's addresses there.</param>
public sealed record HostSight(
    string Host, string Problem, Guid Boot, ImmutableArray<ProgramSight> Programs, ImmutableArray<AddressSight> Addresses)
{
    /// <summary>What it sees of a program; null when nothing.</summary>
    /// <param name="program">The program.</param>
    public ProgramSight? Of(ProgramName program) => Programs.FirstOrDefault(p => p.Name == program);
}

/// <summary>The processes on one host that match a program.</summary>
/// <param name="Name">The program.</param>
/// <param name="Processes">Them.</param>
/// <param name="Problem">Why it cannot be looked for; empty when it can.</param>
public sealed record ProgramSight(ProgramName Name, ImmutableArray<ProcessSight> Processes, string Problem = "");

/// <summary>A process that matches.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Clock ticks since boot.</param>
/// <param name="Parent">Its parent's name.</param>
/// <param name="ParentPid">Its parent.</param>
/// <param name="ParentRestarts">True when the parent would start it again.</param>
public sealed record ProcessSight(int Pid, long StartTime, string Parent, int ParentPid, bool ParentRestarts);

/// <summary>An address of the group on one host.</summary>
/// <param name="Vip">The address as registered.</param>
/// <param name="FoundOn">The interface that carries it; empty for none.</param>
/// <param name="PrefixLength">With which prefix length.</param>
public sealed record AddressSight(Vip Vip, string FoundOn, int PrefixLength);
