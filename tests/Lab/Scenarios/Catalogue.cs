namespace HaGrpc.Lab.Scenarios;

/// <summary>All scenarios by name.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new LinkCut(), new SilentDrop(), new OneWayCut(), new AgentKilled(), new AgentFrozen(), new AgentRestarted(),
        new BackupRestarted(), new ControlPlaneRestarted(), new ControlPlaneLost(), new OwnerCutFromPlane(), new BackupCutFromPlane(), new PeersCut(), new BackupLost(),
        new OlderDatabase(), new VipRemoved(), new RulesetFlushed(), new SilentDuplicate4(), new SilentDuplicate6(), new SplitHealed(),
        new Switchover(), new Drain(), new AgentTerminated(), new GroupDeleted(), new GroupDeletedWithoutAgent(), new HangingHookSwitchover(), new HangingHookCut(), new GatewayLost(), new Memory(),
        new LeaderKilled(), new LeaderLinkCut(), new LeaderStopped(), new DatabaseStopped(), new PrimaryPromoted(), new OwnerAndLeaderLost(),
    ];

    public static Scenario Find(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new ArgumentException($"unknown scenario '{name}': one of {string.Join(", ", All.Select(s => s.Name))}, or all", nameof(name));
}
