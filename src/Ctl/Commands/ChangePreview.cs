using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Manifests.Differences;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary>What changes mean: field by field, and what they restart or stop on which host.</summary>
internal static class ChangePreview
{
    private const string ProgramKind = "program/";
    private const string GroupKind = "group/";

    /// <summary>Everything that changes; what is unchanged is left out.</summary>
    /// <param name="call">The run.</param>
    /// <param name="changes">What the control plane says.</param>
    /// <param name="fields">Knows the fields.</param>
    internal static async Task<IReadOnlyList<DiffChangeJson>> OfAsync(CommandRunner.Call call, IEnumerable<Change> changes, ManifestDifferences fields)
    {
        var real = changes.Where(change => change.Kind != ChangeKind.Unchanged).ToArray();
        var runs = await RunsOnAsync(call, real).ConfigureAwait(false);
        return [.. real.Select(change => DiffChangeJson.Of(change, runs[change.Object], fields.Of(change.Object)))];
    }

    /// <summary>Writes them for people.</summary>
    /// <param name="changes">What changes.</param>
    /// <param name="isPreview">True when it has not happened.</param>
    /// <param name="output">Where to.</param>
    internal static void Print(IEnumerable<DiffChangeJson> changes, bool isPreview, TextWriter output)
    {
        foreach (var change in changes)
        {
            output.WriteLine(ChangeWords.Line(change.Object, change.Change, isPreview, Consequence(change, isPreview)));
            foreach (var field in change.Fields)
            {
                output.WriteLine(change.Change == "created"
                    ? $"  {field.Field}: {field.To}"
                    : $"  {field.Field}: {field.From ?? Speech.Of("(none)")} -> {field.To ?? Speech.Of("(none)")}");
            }
        }
    }

    /// <summary>The hosts on which the programs that change run now, and which own the groups that go, by the objects' names.</summary>
    private static async Task<ILookup<string, string>> RunsOnAsync(CommandRunner.Call call, Change[] changes)
    {
        var request = new ListProgramsRequest();
        request.Selectors.AddRange(changes
            .Where(change => change.Kind != ChangeKind.Created && change.Object.StartsWith(ProgramKind, StringComparison.Ordinal))
            .Select(change => change.Object[ProgramKind.Length..]));
        var lines = request.Selectors.Count == 0 ? []
            : (await call.ControlPlane.Admin.ListProgramsAsync(request, call.Short).ConfigureAwait(false)).Programs.ToArray();
        var programs = lines.Where(line => line.Status is { Pid: > 0 })
            .Select(line => (Object: $"{ProgramKind}{line.Program.Group}:{line.Program.Name}", line.Host));
        return programs.Concat(await OwnersAsync(call, changes).ConfigureAwait(false))
            .ToLookup(place => place.Object, place => place.Host, StringComparer.Ordinal);
    }

    /// <summary>The hosts that own the groups which go.</summary>
    private static async Task<IEnumerable<(string Object, string Host)>> OwnersAsync(CommandRunner.Call call, Change[] changes)
    {
        var request = new ListGroupsRequest();
        request.Names.AddRange(changes.Where(change => change.Kind == ChangeKind.Removed && change.Object.StartsWith(GroupKind, StringComparison.Ordinal))
            .Select(change => change.Object[GroupKind.Length..]));
        return request.Names.Count == 0 ? []
            : (await call.ControlPlane.Admin.ListGroupsAsync(request, call.Short).ConfigureAwait(false)).Groups
                .Where(group => group.Owner.Length > 0).Select(group => ($"{GroupKind}{group.Group.Name}", group.Owner));
    }

    private static string Consequence(DiffChangeJson change, bool isPreview)
    {
        var hosts = string.Join(", ", change.RunsOn);
        if (change.RestartedFor.Count > 0)
            return ChangeWords.Restart(change.RestartedFor, hosts, isPreview);
        return change.IsStopped && hosts.Length > 0 ? ChangeWords.Stop(hosts, isPreview) : "";
    }
}
