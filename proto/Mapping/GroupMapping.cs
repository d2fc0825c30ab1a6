using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A group on the wire and in the model.</summary>
public static class GroupMapping
{
    /// <summary>The message of a group.</summary>
    public static V1.Group ToProto(this Model.Group group)
    {
        var proto = new V1.Group
        {
            Name = group.Name,
            Timing = group.Timing.ToProto(),
            Failback = group.Failback.ToProto(),
            Locked = group.Locked,
            FlapBudget = group.FlapBudget is { } budget ? new() { Moves = budget.Moves, Window = budget.Window.ToProto() } : null,
            AnnounceInterval = group.AnnounceInterval.ToProto(),
            DropConnections = group.DropConnections,
            DuplicateProbeInterval = group.DuplicateProbeInterval.ToProto(),
            Fencing = group.Fencing.ToProto(),
            SyncGroup = group.SyncGroup,
            Mode = group.Mode.ToProto(),
            HandedTo = group.HandedTo,
        };
        proto.Members.AddRange(group.Members.Select(member => member.ToProto()));
        proto.Vips.AddRange(group.Vips.Select(vip => vip.ToProto()));
        proto.Routes.AddRange(group.Routes.Select(route => route.ToProto()));
        proto.Hooks.AddRange(group.Hooks.Select(hook => hook.ToProto()));
        proto.Checks.AddRange(group.Checks.Select(check => check.ToProto()));
        proto.Directories.AddRange(group.Directories.Select(directory => directory.ToProto()));
        return proto;
    }

    /// <summary>The group of a message; no timing is the default profile, no failback policy is manual. Nothing is
    /// validated here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The failback mode, or what a hook says of itself, is one that this version does not know.</exception>
    public static Model.Group ToModel(this V1.Group group) => new(
        group.Name,
        [.. group.Members.Select(member => member.ToModel())],
        [.. group.Vips.Select(vip => vip.ToModel())],
        [.. group.Routes.Select(route => route.ToModel())],
        group.Timing.ToModel(),
        group.Failback.ToModel(),
        group.Locked)
    {
        FlapBudget = group.FlapBudget is { } budget ? new(budget.Moves, budget.Window.ToModel(TimeSpan.Zero)) : null,
        Hooks = [.. group.Hooks.Select(hook => hook.ToModel())],
        Checks = [.. group.Checks.Select(check => check.ToModel())],
        Directories = [.. group.Directories.Select(directory => directory.ToModel())],
        AnnounceInterval = group.AnnounceInterval.ToModel(Model.Group.DefaultAnnounceInterval),
        DropConnections = group.DropConnections,
        DuplicateProbeInterval = group.DuplicateProbeInterval.ToModel(Model.Group.DefaultDuplicateProbeInterval),
        Fencing = group.Fencing.ToModel(),
        SyncGroup = group.SyncGroup,
        Mode = group.Mode.ToModel(),
        HandedTo = group.HandedTo,
    };
}
