namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>
/// The interfaces for which an instance goes to FAULT without being told to track them, as keepalived 2.2.7 was seen to: its own, and those of its
/// addresses and routes, whatever weight track_interface gives them. Those of <c>virtual_ipaddress_excluded</c> are not among them.
/// </summary>
internal sealed class OwnLinks
{
    private readonly List<(string Name, Origin At)> _tracked = [];

    /// <param name="instance">The instance.</param>
    /// <param name="within">What it is called in a report.</param>
    internal OwnLinks(KeepalivedStatement instance, string within)
    {
        var last = instance.Last();
        var own = last.GetValueOrDefault("interface");
        Primary = own?.Value ?? "";
        if (!last.ContainsKey("dont_track_primary"))
            _tracked.Add((Primary, own?.At(within) ?? instance.At()));
        foreach (var block in (instance.Block ?? []).Where(option => option.Keyword is "virtual_ipaddress" or "virtual_routes"))
        {
            foreach (var line in (block.Block ?? []).Where(line => !line.Words.Contains("no_track")))
            {
                var dev = line.Words.IndexOf("dev");
                if (dev >= 0 && dev + 1 < line.Words.Length && line.Words[dev + 1] != Primary)
                    _tracked.Add((line.Words[dev + 1], new(line.File, line.Line, $"{within} {block.Keyword}")));
            }
        }
    }

    /// <summary>The instance's own interface; empty when it names none. What track_interface says of it is ignored.</summary>
    internal string Primary { get; }

    /// <summary>The interfaces, and what in the configuration makes them so; one may stand there several times.</summary>
    internal IReadOnlyList<(string Name, Origin At)> Tracked => _tracked;

    /// <summary>True for one of them.</summary>
    internal bool Has(string name) => _tracked.Exists(link => link.Name == name);
}
