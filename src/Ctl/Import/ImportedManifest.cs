using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import;

/// <summary>What an import makes: groups with their programs, and what is to be said about them.</summary>
internal sealed class ImportedManifest
{
    private static readonly string[] GroupFields =
        ["name", "members", "mode", "sync_group", "vips", "routes", "timing", "failback", "announce_interval", "checks", "hooks", "directories", "programs"];

    internal ImportReport Report { get; } = new();

    internal List<ManifestMap> Groups { get; } = [];

    /// <summary>The text of the manifest; null when there is none, and the report says why.</summary>
    /// <param name="target">Whose configuration it was.</param>
    /// <param name="source">What was imported, for the first line.</param>
    internal string? Text(ImportTarget target, string source)
    {
        var at = new Origin(source, 0, "");
        if (Groups.Count == 0 && Report.Problems.Count == 0)
            Report.Fail(at, "there is nothing in it that could be imported");
        if (Report.Problems.Count > 0)
            return null;
        if (target.IsObserved)
        {
            foreach (var group in Groups)
                group.Word("mode", "observe");
        }
        // Whichever part an option came from, a group reads the same.
        foreach (var group in Groups)
            group.Fields.Sort((one, other) => Array.IndexOf(GroupFields, one.Key).CompareTo(Array.IndexOf(GroupFields, other.Key)));
        var document = new ManifestMap(at)
            .Add("hosts", new MapsValue([.. target.Hosts(at)]))
            .Add("groups", new MapsValue(Groups));
        if (target.Peers.Count == 0)
        {
            Report.Note(at, "the groups have one member, which is plain supervision: give the hosts that shall take over with --peer NAME");
        }
        ManifestJudge.Settle(document, Report);
        return ManifestWriter.Write(document, Header(source));
    }

    private IEnumerable<string> Header(string source)
    {
        yield return $"Imported from {source}. Review it, then: hactl apply --dry-run -f FILE";
        var lines = Report.Lines();
        foreach (var line in lines.Count > 0 ? lines.Prepend("") : [])
            yield return line;
    }
}
