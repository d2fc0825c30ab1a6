using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>What a deletion takes away, and what stops where.</summary>
internal static class DeletionLines
{
    private const int MostNames = 10;

    internal static void Print(DeleteResponse response, bool isPreview, TextWriter output)
    {
        var pending = response.Pending.Select(p => $"group/{p.Group}").ToHashSet(StringComparer.Ordinal);
        foreach (var change in response.Changes)
            output.WriteLine(isPreview ? Speech.Of($"{change.Object}: would be deleted") : pending.Contains(change.Object) ? Speech.Of($"{change.Object}: is being deleted") : Speech.Of($"{change.Object}: deleted"));
        foreach (var stopping in response.Stopping)
            output.WriteLine(isPreview ? Speech.Of($"  {stopping.Object} would end on {Describe(stopping)}") : Speech.Of($"  {stopping.Object} ends on {Describe(stopping)}"));
    }

    /// <summary>One host and what it ends.</summary>
    internal static string Describe(Stopping stopping)
    {
        var parts = new List<string>();
        if (stopping.Programs.Count > 0)
            parts.Add(stopping.Programs.Count > MostNames
                ? Speech.Of($"stops {string.Join(", ", stopping.Programs.Take(MostNames))} and {stopping.Programs.Count - MostNames} more")
                : Speech.Of($"stops {string.Join(", ", stopping.Programs)}"));
        if (stopping.Vips.Count > 0)
            parts.Add(Speech.Of($"gives up {string.Join(", ", stopping.Vips)}"));
        var what = parts.Count == 0 ? "" : $": {string.Join("; ", parts)}";
        return $"{stopping.Host}{what}{(stopping.Detail.Length > 0 ? $" ({stopping.Detail})" : "")}";
    }
}
