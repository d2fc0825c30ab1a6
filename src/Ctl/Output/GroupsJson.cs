using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record GroupsJson(IReadOnlyList<GroupJson> Groups)
{
    internal static GroupsJson Of(IEnumerable<GroupStatus> groups) => new([.. groups.Select(GroupJson.Of)]);
}

internal sealed record GroupJson(
    string Name,
    string? Owner,
    long Epoch,
    string Phase,
    string? OwnedSince,
    double? LeaseLeftSeconds,
    bool Locked,
    IReadOnlyList<LockJson> Locks,
    string Failback,
    string SyncGroup,
    double TtlSeconds,
    double HeartbeatSeconds,
    double TakeoverMarginSeconds,
    IReadOnlyList<MemberJson> Members,
    IReadOnlyList<BackupJson> Backups,
    IReadOnlyList<VipJson> Vips,
    IReadOnlyList<RouteJson> Routes,
    string LastReason,
    string Detail,
    double SoloTtlSeconds,
    double FailbackDelaySeconds,
    double AnnounceIntervalSeconds,
    FlapBudgetJson? FlapBudget,
    IReadOnlyList<HookJson> Hooks,
    string FailbackWindow,
    string Fencing,
    bool DropConnections,
    double DuplicateProbeIntervalSeconds,
    IReadOnlyList<HostCheckJson> Checks,
    IReadOnlyList<DirectoryJson> Directories)
{
    internal static GroupJson Of(GroupStatus status) => new(
        status.Group.Name,
        status.Owner.Length == 0 ? null : status.Owner,
        status.Epoch,
        status.Phase,
        Times.Machine(status.OwnedSince),
        Times.Seconds(status.LeaseLeft),
        status.IsLocked(),
        [.. status.Locks.Select(LockJson.Of)],
        status.Group.Failback?.Mode == FailbackMode.Automatic ? "automatic" : "manual",
        status.Group.SyncGroup,
        Times.Seconds(status.Group.Timing?.Ttl) ?? 0,
        Times.Seconds(status.Group.Timing?.Heartbeat) ?? 0,
        Times.Seconds(status.Group.Timing?.TakeoverMargin) ?? 0,
        [.. status.Group.Members.Select(member => new MemberJson(
            member.Host, member.Priority, status.EffectivePriorities.TryGetValue(member.Host, out var now) ? now : null))],
        [.. status.Backups.Select(BackupJson.Of)],
        [.. status.Group.Vips.Select(vip => new VipJson(vip.Address, vip.Interface, vip.Label, vip.Script))],
        [.. status.Group.Routes.Select(r => new RouteJson(r.Destination, r.Gateway, r.Interface, r.Source))],
        status.LastReason,
        status.Detail,
        status.Group.Timing.ToModel().SoloTtl.TotalSeconds,
        Times.Seconds(status.Group.Failback?.Delay) ?? 0,
        status.Group.AnnounceInterval.ToModel(HaGrpc.Core.Model.Group.DefaultAnnounceInterval).TotalSeconds,
        status.Group.FlapBudget is { } budget ? new(budget.Moves, Times.Seconds(budget.Window) ?? 0) : null,
        [.. status.Group.Hooks.Select(HookJson.Of)],
        status.Group.Failback?.Window is { } window ? FailbackWindowText.Of(window) : "",
        status.Group.Fencing == V1.Fencing.Required ? "required" : "off",
        status.Group.DropConnections,
        status.Group.DuplicateProbeInterval.ToModel(HaGrpc.Core.Model.Group.DefaultDuplicateProbeInterval).TotalSeconds,
        [.. status.Group.Checks.Select(HostCheckJson.Of)],
        [.. status.Group.Directories.Select(d => new DirectoryJson(
            d.Path, [.. d.Exclude], d.MaxLag.ToModel(HaGrpc.Core.Model.GroupDirectory.DefaultMaxLag).TotalSeconds))]);
}

internal static class GroupStatuses
{
    /// <summary>By its registration, or by somebody since.</summary>
    internal static bool IsLocked(this GroupStatus status) => status.Group.Locked || status.Locks.Count > 0;
}

internal sealed record MemberJson(string Host, int Priority, int? EffectivePriority);

internal sealed record BackupJson(string Host, bool Ready, string Obstacle, int? Score, IReadOnlyList<FindingJson> Failing, int MoreFailing)
{
    internal static BackupJson Of(BackupStatus backup) => new(
        backup.Host,
        backup.Obstacle.Length == 0,
        backup.Obstacle,
        backup.Readiness?.Score,
        [.. backup.Readiness?.Failing.Select(FindingJson.Of) ?? []],
        backup.Readiness?.More ?? 0);
}

internal sealed record VipJson(string Address, string Interface, string Label, string Script);

internal sealed record HostCheckJson(
    string Name,
    string Ping,
    IReadOnlyList<string> Exec,
    string Link,
    string User,
    double IntervalSeconds,
    double TimeoutSeconds,
    int Rise,
    int Fall,
    int? Weight,
    bool Reverse,
    bool InitFail)
{
    private static readonly HaGrpc.Core.Model.HostCheck Defaults = new("");

    internal static HostCheckJson Of(HostCheck check) => new(
        check.Name,
        check.Ping,
        [.. check.Exec],
        check.Link,
        check.User,
        check.Interval.ToModel(Defaults.Interval).TotalSeconds,
        check.Timeout.ToModel(Defaults.Timeout).TotalSeconds,
        check.HasRise ? check.Rise : Defaults.Rise,
        check.HasFall ? check.Fall : Defaults.Fall,
        check.HasWeight ? check.Weight : null,
        check.Reverse,
        check.InitFail);
}

internal sealed record DirectoryJson(string Path, IReadOnlyList<string> Exclude, double MaxLagSeconds);

internal sealed record RouteJson(string Destination, string Gateway, string Interface, string Source);

internal sealed record FlapBudgetJson(int Moves, double WindowSeconds);

internal sealed record HookJson(
    string Name, IReadOnlyList<string> Events, string Phase, IReadOnlyList<string> Command, double TimeoutSeconds, string User, string Style)
{
    internal static HookJson Of(Hook hook) => new(
        hook.Name,
        [.. hook.Events.Select(GroupWords.Of)],
        GroupWords.Of(hook.Phase),
        [.. hook.Command],
        hook.Timeout.ToModel(HaGrpc.Core.Model.Hook.DefaultTimeout).TotalSeconds,
        hook.User,
        GroupWords.Of(hook.Style));
}
