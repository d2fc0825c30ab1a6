using System.Globalization;
using HaGrpc.Ctl.Manifests;

namespace HaGrpc.Ctl.Import.Emitting;

/// <summary>
/// Lets the manifest's own reader and validation judge what was made, and takes out what they refuse: every limit and rule stands in one place, and
/// what comes out of an import can be applied.
/// </summary>
internal static class ManifestJudge
{
    /// <summary>Without one of these an item of a list means nothing, or, without its user, runs as somebody whom nobody chose.</summary>
    private static readonly HashSet<string> Required = new(StringComparer.Ordinal)
    {
        "name", "command", "members", "host", "priority of a member", "address", "interface", "destination", "events", "exec", "link", "ping", "user",
    };

    /// <summary>Takes out what cannot stand in a manifest, and reports it.</summary>
    internal static void Settle(ManifestMap document, ImportReport report)
    {
        while (true)
        {
            var manifest = ManifestReader.Read([new("import", ManifestWriter.Write(document, []))]);
            manifest.Validate(stored: null);
            // One place may have several mistakes: what has been taken out cannot be found again.
            var taken = manifest.Errors
                .Select(error => (Error: error, Steps: Find(document, error.Place.Field)))
                .Where(found => found.Steps.Count > 0)
                .ToArray();
            if (taken.Length == 0)
                return;
            foreach (var (error, steps) in taken)
                TakeOut(error, steps, report);
        }
    }

    /// <summary>The way to the innermost field that a path names: <c>groups[0].vips[1].label</c>. It ends at an item when the path goes on to a
    /// field that the item has not.</summary>
    private static List<Step> Find(ManifestMap document, string path)
    {
        var steps = new List<Step>();
        var map = document;
        var rest = path;
        while (rest.Length > 0)
        {
            // The names of variables may have dots, so that the longest field that fits counts.
            var field = map.Fields.Where(candidate => IsHead(rest, candidate.Key)).MaxBy(candidate => candidate.Key.Length);
            if (field is null)
                break;
            rest = rest[field.Key.Length..];
            switch (field.Value)
            {
                case MapsValue list when TryIndex(ref rest, out var index) && index < list.Items.Count:
                    steps.Add(new(map, field, list.Items[index]));
                    map = list.Items[index];
                    break;
                case MapValue inner:
                    steps.Add(new(map, field, null));
                    map = inner.Map;
                    break;
                default:
                    steps.Add(new(map, field, null));
                    return steps;
            }
            rest = rest.TrimStart('.');
        }
        return steps;
    }

    private static bool IsHead(string path, string key) =>
        path.StartsWith(key, StringComparison.Ordinal) && (path.Length == key.Length || path[key.Length] is '.' or '[');

    private static bool TryIndex(ref string rest, out int index)
    {
        var end = rest.IndexOf(']', StringComparison.Ordinal);
        index = -1;
        if (!rest.StartsWith('[') || end < 0 || !int.TryParse(rest.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out index))
            return false;
        rest = rest[(end + 1)..];
        return true;
    }

    private static void TakeOut(ManifestError error, List<Step> steps, ImportReport report)
    {
        var reason = error.Value.Length > 0 ? $"{error.Value}: {error.Message}" : error.Message;
        var last = steps[^1];
        if (last.Item is null && !Required.Contains(NameOf(last)))
        {
            if (last.Map.Fields.Remove(last.Field))
                report.Lose(last.Field.Origin, $"{reason}; left out");
            return;
        }
        var holder = steps.FindLast(step => step.Item is not null);
        if (holder is null)
        {
            if (last.Map.Fields.Remove(last.Field))
                report.Lose(last.Field.Origin, $"{reason}; left out");
            return;
        }
        var at = last.Item is null ? last.Field.Origin : last.Item.Origin;
        if (holder.Field.Value is MapsValue list && list.Items.Remove(holder.Item!))
            report.Lose(at, $"{reason}; the whole {Singular(holder.Field.Key)} is left out");
    }

    private static string NameOf(Step step) =>
        step.Field.Key == "priority" && step.Map.Find("host") is not null ? "priority of a member" : step.Field.Key;

    private static string Singular(string list) => list.TrimEnd('s');

    /// <summary>A field of a mapping, and the item of it when it is a list of mappings.</summary>
    private sealed record Step(ManifestMap Map, ManifestField Field, ManifestMap? Item);
}
