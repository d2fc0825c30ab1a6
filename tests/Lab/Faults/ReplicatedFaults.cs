namespace HaGrpc.Lab.Faults;

/// <summary>
/// The faults of a lab with several control planes: their leader and their database, and those of owner and backup that say something about
/// how both halves of the protocol meet. For <see cref="Course"/> all control planes together are "the plane".
/// </summary>
internal static class ReplicatedFaults
{
    private static readonly string[] OfSingle =
        ["kill:owner", "kill:backup", "pause:owner", "stop:owner", "stop:backup", "link-cut:owner", "link-cut:backup", "mute:owner", "deaf:owner", "cut:peers"];

    public static IReadOnlyList<FaultKind> All { get; } =
    [
        new("kill:leader", "plane", s => new KilledLeader(s.Cluster)),
        new("stop:database", "database", s => new StoppedDatabase(s.Cluster.SharedDatabases)),
        new("promotion:database", "database", s => new PromotedDatabase(s.Cluster)),
        .. OfSingle.Select(FaultCatalogue.Find),
        new("cut:owner-plane", null, s => new CutFromPlanes("owner-plane", s.Owner.Host, s.Cluster.Topology.Planes)),
        new("cut:backup-plane", null, s => new CutFromPlanes("backup-plane", s.Backup.Host, s.Cluster.Topology.Planes)),
    ];
}
