using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// The order of a group's programs. Lower priorities start first and stop last: the exact reverse, which Supervisor
/// documents and does not do. Programs of one priority are a level and go together, except that some wait for others of it.
/// </summary>
/// <param name="Levels">The levels in order; names of a level in ordinal order.</param>
/// <param name="Waits">What a program waits for.</param>
public sealed record StartOrder(
    ImmutableArray<ImmutableArray<ProgramName>> Levels,
    ImmutableDictionary<ProgramName, ImmutableArray<ProgramName>> Waits)
{
    /// <summary>The order of starting.</summary>
    /// <param name="programs">Programs of one group.</param>
    public static StartOrder Of(IEnumerable<Program> programs)
    {
        var all = programs.ToArray();
        var processes = all.ToLookup(ProgramExpansion.TemplateOf, program => program.Name);
        return new(
            [
                .. all.GroupBy(program => program.Priority)
                    .OrderBy(level => level.Key)
                    .Select(level => level
                        .Select(program => program.Name)
                        .OrderBy(name => name.Name, StringComparer.Ordinal)
                        .ToImmutableArray()),
            ],
            all.Where(program => program.After.Length > 0).ToImmutableDictionary(
                program => program.Name,
                program => program.After
                    .SelectMany(name => processes[program.Name with { Name = name }])
                    .ToImmutableArray()));
    }

    /// <summary>The order of stopping: the exact reverse.</summary>
    public StartOrder Reverse() => new(
        [.. Levels.Reverse().Select(level => level.Reverse().ToImmutableArray())],
        Waits.SelectMany(pair => pair.Value.Select(other => (First: other, Then: pair.Key)))
            .GroupBy(pair => pair.First)
            .ToImmutableDictionary(pairs => pairs.Key, pairs => pairs.Select(pair => pair.Then).ToImmutableArray()));
}
