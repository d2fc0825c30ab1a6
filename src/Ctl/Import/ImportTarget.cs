using System.Globalization;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import;

/// <summary>For which hosts a configuration is imported.</summary>
/// <param name="Host">The host whose configuration it was.</param>
/// <param name="Peers">The other members, as far as they are known.</param>
/// <param name="Group">The group for programs; null when nobody said one.</param>
internal sealed record ImportTarget(ImportedMember Host, IReadOnlyList<ImportedMember> Peers, string? Group)
{
    /// <summary>The group of programs that belong to none.</summary>
    internal const string DefaultGroup = "programs";

    /// <summary>True: the groups are observed first, and nothing is started, stopped or claimed for them (docs/adr/0034).</summary>
    internal bool IsObserved { get; init; }

    /// <summary>Where Supervisor's AUTO log files go when its configuration names no directory; null when nobody said one.</summary>
    internal string? LogDirectory { get; init; }

    private const int Preferred = 120, Distance = 40, Lowest = 1, Highest = 255;

    /// <summary>The field <c>members</c>.</summary>
    /// <param name="at">What the members are derived from.</param>
    /// <param name="priority">This host's priority by the configuration; null when that says none.</param>
    /// <param name="report">Is told which priorities were made up.</param>
    internal ManifestField Members(Origin at, int? priority, ImportReport report)
    {
        var own = Math.Clamp(Host.Priority ?? priority ?? Preferred, Lowest, Highest);
        var taken = new HashSet<int>([own, .. Peers.Select(peer => peer.Priority).OfType<int>()]);
        var members = new List<ManifestMap> { Member(Host.Host, own, at) };
        foreach (var peer in Peers)
        {
            if (peer.Priority is null && priority is not null)
                report.Note(at,
                    $"the priority of {peer.Host} stands in its own configuration and was made up: --peer {peer.Host}=PRIORITY says it");
            members.Add(Member(peer.Host, peer.Priority ?? Free(own, taken), at));
        }
        return new("members", new MapsValue(members), at);
    }

    /// <summary>Items of <c>hosts</c>.</summary>
    internal IEnumerable<ManifestMap> Hosts(Origin at) =>
        Peers.Prepend(Host).Select(member => new ManifestMap(at) { IsShort = true }.Text("name", member.Host));

    /// <summary>The same pair seen from the other side: who was the first peer comes first.</summary>
    internal ImportTarget Mirrored() => Peers.Count == 0
        ? this
        : this with { Host = Peers[0] with { Priority = null }, Peers = [Host with { Priority = null }, .. Peers.Skip(1)] };

    // Whoever is preferred here is preferred by a distance, in the direction that his own priority shows.
    private static int Free(int own, HashSet<int> taken)
    {
        var priority = own >= 100 ? Math.Max(own - Distance, Lowest) : Math.Min(own + Distance, Highest - 1);
        while (!taken.Add(priority))
            priority = priority > Lowest ? priority - 1 : Highest;
        return priority;
    }

    private static ManifestMap Member(string host, int priority, Origin at) =>
        new ManifestMap(at) { IsShort = true }.Text("host", host).Word("priority", priority.ToString(CultureInfo.InvariantCulture));
}
