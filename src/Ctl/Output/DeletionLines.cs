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
            output.WriteLine($"{change.Object}: {(isPreview ? "would be deleted" : pending.Contains(change.Object) ? "is being deleted" : "deleted")}");
        foreach (var stopping in response.Stopping)
            output.WriteLine($"  {stopping.Object} {(isPreview ? "would end" : "ends")} on {Describe(stopping)}");
    }

    /// <summary>One host and what it ends.</summary>
    internal static string Describe(Stopping stopping)
    {
        var parts = new List<string>();
        if (stopping.Programs.Count > 0)
            parts.Add($"stops {string.Join(", ", stopping.Programs.Take(MostNames))}{(stopping.Programs.Count > MostNames ? $" and {stopping.Programs.Count - MostNames} more" : "")}");
        if (stopping.Vips.Count > 0)
            parts.Add($"gives up {string.Join(", ", stopping.Vips)}");
        var what = parts.Count == 0 ? "" : $": {string.Join("; ", parts)}";
        return $"{stopping.Host}{what}{(stopping.Detail.Length > 0 ? $" ({stopping.Detail})" : "")}";
    }
}
