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
    IReadOnlyList<HookJson> Hooks)
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
        [.. status.Group.Members.Select(member => new MemberJson(member.Host, member.Priority))],
        [.. status.Backups.Select(BackupJson.Of)],
        [.. status.Group.Vips.Select(vip => new VipJson(vip.Address, vip.Interface, vip.Label, vip.Script))],
        [.. status.Group.Routes.Select(r => new RouteJson(r.Destination, r.Gateway, r.Interface, r.Source))],
        status.LastReason,
        status.Detail,
        status.Group.Timing.ToModel().SoloTtl.TotalSeconds,
        Times.Seconds(status.Group.Failback?.Delay) ?? 0,
        status.Group.AnnounceInterval.ToModel(HaGrpc.Core.Model.Group.DefaultAnnounceInterval).TotalSeconds,
        status.Group.FlapBudget is { } budget ? new(budget.Moves, Times.Seconds(budget.Window) ?? 0) : null,
        [.. status.Group.Hooks.Select(HookJson.Of)]);
}

internal static class GroupStatuses
{
    /// <summary>By its registration, or by somebody since.</summary>
    internal static bool IsLocked(this GroupStatus status) => status.Group.Locked || status.Locks.Count > 0;
}

internal sealed record MemberJson(string Host, int Priority);

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
