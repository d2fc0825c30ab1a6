using System.Collections.Immutable;
using HaGrpc.Core.Model;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Ownership;

/// <summary>What of a configuration this host only watches. Nothing that acts is ever told of it, so nothing can act on it.</summary>
/// <param name="Groups">Groups.</param>
/// <param name="Programs">Programs: those of these groups, and those of others that were not handed over yet.</param>
internal sealed record ObservedParts(ImmutableArray<Group> Groups, ImmutableArray<ConfiguredProgram> Programs)
{
    /// <summary>Nothing.</summary>
    public static ObservedParts None { get; } = new([], []);

    /// <summary>Parts what is watched from what is run.</summary>
    /// <param name="groups">All groups.</param>
    /// <param name="programs">All programs.</param>
    /// <param name="managed">The groups that are ours.</param>
    /// <param name="run">The programs that are ours.</param>
    public static ObservedParts Of(
        ImmutableArray<Group> groups,
        ImmutableArray<ConfiguredProgram> programs,
        out ImmutableArray<Group> managed,
        out ImmutableArray<ConfiguredProgram> run)
    {
        var watched = groups.Where(g => g.Mode == SupervisionMode.Observe).ToImmutableArray();
        var names = watched.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        managed = [.. groups.Where(g => g.Mode != SupervisionMode.Observe)];
        run = [.. programs.Where(p => !IsWatched(p))];
        return new(watched, [.. programs.Where(IsWatched)]);

        bool IsWatched(ConfiguredProgram program) => program.Mode == SupervisionMode.Observe || names.Contains(program.Name.Group);
    }

    /// <summary>Whether a group as a whole is watched.</summary>
    public bool HasGroup(string name) => Groups.Any(g => g.Name == name);
}
