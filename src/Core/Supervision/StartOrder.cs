using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// The order of a group's programs. Lower priorities start first and stop last: the exact reverse, which Supervisor
/// documents and does not do. Programs of one priority are a level and go together.
/// </summary>
public static class StartOrder
{
    /// <summary>The levels in the order of starting; names of a level in ordinal order.</summary>
    /// <param name="programs">The programs of one group.</param>
    public static ImmutableArray<ImmutableArray<ProgramName>> Levels(IEnumerable<Program> programs) =>
    [
        .. programs
            .GroupBy(program => program.Priority)
            .OrderBy(level => level.Key)
            .Select(level => level
                .Select(program => program.Name)
                .OrderBy(name => name.Name, StringComparer.Ordinal)
                .ToImmutableArray()),
    ];

    /// <summary>The levels in the order of stopping.</summary>
    /// <param name="levels">The levels in the order of starting.</param>
    public static ImmutableArray<ImmutableArray<ProgramName>> Reverse(ImmutableArray<ImmutableArray<ProgramName>> levels) =>
        [.. levels.Reverse().Select(level => level.Reverse().ToImmutableArray())];
}
