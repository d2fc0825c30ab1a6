using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Core.Rehearsal;

/// <summary>Judges whether a host could take a group over now. What a host has to have by then, beyond what is looked at here, adds its
/// facts to <see cref="HostFacts"/> and its findings to this list.</summary>
public static class RehearsalJudge
{
    /// <summary>All findings: those of the network and of directories, then those of each program.</summary>
    /// <param name="group">The group.</param>
    /// <param name="facts">What its host is like.</param>
    public static ImmutableArray<Finding> Judge(Group group, HostFacts facts) =>
    [
        .. NetworkFindings.Of(group, facts),
        .. ScriptFindings.Of(group, facts),
        .. facts.Trees.Select(tree => TreeFindings.Of(group.Name, tree)),
        .. facts.Programs.SelectMany(program => ProgramFindings.Of(program)
            .Concat(program.Ports.Select(port => PortFindings.Of(program.Name, port, group, facts)).OfType<Finding>())),
    ];
}
