using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Manifests.Exporting;

namespace HaGrpc.Ctl.Updating;

/// <summary>What is updated in which order: batches, each of which has to be ready before the next one begins. Decides, and asks nobody.</summary>
/// <param name="Batches">Processes that go together.</param>
/// <param name="Path">The release; null when only the binary is read again.</param>
/// <param name="New">Programs as they shall be registered, by their names; none without a release.</param>
/// <param name="Old">The same as they are registered; null where their processes differ, which leaves nothing to go back to.</param>
internal sealed record UpdatePlan(
    ImmutableArray<ImmutableArray<Program>> Batches,
    ReleasePath? Path,
    ImmutableDictionary<ProgramName, Program> New,
    ImmutableDictionary<ProgramName, Program?> Old)
{
    /// <summary>Plans the update of a group or of one program.</summary>
    /// <param name="registered">Every program of the registry, as stored.</param>
    /// <param name="name"><c>GROUP</c> or <c>GROUP:NAME</c>.</param>
    /// <param name="to">The new release; null for none.</param>
    /// <param name="from">The one that is registered, when it has to be said.</param>
    /// <param name="rolling">How many processes at a time; null for a whole level at a time.</param>
    /// <returns>Null when nothing is registered under that name.</returns>
    /// <exception cref="UsageException">It cannot be planned; the message says why.</exception>
    internal static UpdatePlan? Of(IReadOnlyCollection<Program> registered, string name, string? to, string? from, int? rolling)
    {
        Program[] chosen = [.. registered.Where(p => p.Name.Group == name || ProgramExpansion.TemplateOf(p).ToString() == name)];
        if (chosen.Length == 0 && registered.FirstOrDefault(p => p.Name.ToString() == name) is { } process)
            throw new UsageException($"{name} is a process of {ProgramExpansion.TemplateOf(process)}: name that");
        if (chosen.Length == 0)
            return null;
        var path = to is null ? null : ReleasePath.Of(to, from, chosen);
        var programs = chosen.GroupBy(ProgramExpansion.TemplateOf).ToArray();
        var moved = path is null ? [] : programs.ToImmutableDictionary(p => p.Key, p => Whole(p.Key, [.. p.Select(path.Move)]));
        var order = StartOrder.Of(chosen);
        var byName = chosen.ToDictionary(p => p.Name);
        return new(
            [
                .. order.Levels.SelectMany(level => rolling is { } most ? level.Chunk(most) : [[.. level]])
                    .Select(batch => batch.Select(p => byName[p]).ToImmutableArray()),
            ],
            path,
            moved,
            programs.ToImmutableDictionary(p => p.Key, p => ProcessTemplate.Of([.. p])));
    }

    /// <summary>What would be another under the new release, of a process.</summary>
    internal IEnumerable<(string Field, string From, string To)> Differences(Program process)
    {
        if (Path is null)
            yield break;
        var now = Path.Move(process);
        if (now.Command != process.Command)
            yield return ("command", process.Command, now.Command);
        if (now.Directory != process.Directory)
            yield return ("directory", process.Directory, now.Directory);
        foreach (var (key, value) in process.Environment)
        {
            if (now.Environment[key] != value)
                yield return ($"environment.{key}", value, now.Environment[key]);
        }
        if (now.Readiness?.Target is { } ready && ready != process.Readiness!.Target)
            yield return ("readiness", process.Readiness.Target, ready);
        if (now.Liveness?.Target is { } live && live != process.Liveness!.Target)
            yield return ("liveness", process.Liveness.Target, live);
    }

    private static Program Whole(ProgramName name, Program[] processes) => ProcessTemplate.Of(processes)
        ?? throw new UsageException($"the processes of {name} differ in more than their number and their release: apply a manifest");
}
