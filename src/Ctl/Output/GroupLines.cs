using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Access;
using HaGrpc.V1;
using DurationText = HaGrpc.Core.Model.DurationText;
using GroupTiming = HaGrpc.Core.Model.GroupTiming;

namespace HaGrpc.Ctl.Output;

/// <summary>A group whole: how it is, then what is registered, under the names of the manifest.</summary>
internal static class GroupLines
{
    private const int Width = 26;

    internal static void Print(GroupStatus status, TextWriter output, TimeProvider time)
    {
        var group = status.Group;
        output.WriteLine(group.Name);
        Line("owner", Owner(status, time));
        Line("phase", status.Detail.Length > 0 ? $"{status.Phase}: {status.Detail}" : status.Phase);
        Lines("locked", Locks(status, time), "no");
        Lines("members", Members(status), "none");
        Lines("vips", group.Vips.Select(v => $"{v.Address} on {v.Interface}{Behind(", label ", v.Label)}{Behind(", script ", v.Script)}"), "none");
        Lines("routes", group.Routes.Select(RouteOf), "none");
        Line("timing", TimingOf(group.Timing.ToModel()));
        Line("sync_group", group.SyncGroup.Length > 0 ? group.SyncGroup : "none");
        Lines("checks", group.Checks.Select(HostCheckText.Of), "none");
        Lines("directories", group.Directories.Select(DirectoryOf), "none");
        Line("failback", FailbackOf(group));
        Line("fencing", group.Fencing == Fencing.Required ? "required" : "off");
        Line("flap_budget", group.FlapBudget is { } budget
            ? string.Create(CultureInfo.InvariantCulture, $"{budget.Moves} moves in {Text(budget.Window)}")
            : "none");
        var announced = group.AnnounceInterval.ToModel(HaGrpc.Core.Model.Group.DefaultAnnounceInterval);
        Line("announce_interval", announced == TimeSpan.Zero ? "never by the clock" : DurationText.Format(announced));
        var probed = group.DuplicateProbeInterval.ToModel(HaGrpc.Core.Model.Group.DefaultDuplicateProbeInterval);
        Line("duplicate_probe_interval", probed == TimeSpan.Zero ? "at takeovers and with announcements" : DurationText.Format(probed));
        Line("drop_connections", group.DropConnections ? "yes" : "no");
        Lines("hooks", group.Hooks.Select(HookOf), "none");

        void Line(string name, string value) => output.WriteLine($"  {name.PadRight(Width)}{value}");

        void Lines(string name, IEnumerable<string> values, string none)
        {
            foreach (var value in values.DefaultIfEmpty(none))
            {
                Line(name, value);
                name = "";
            }
        }
    }

    private static string Owner(GroupStatus status, TimeProvider time)
    {
        if (status.Owner.Length == 0)
            return "none";
        var since = status.OwnedSince is null ? "" : $", since {Times.Full(status.OwnedSince, time)[..19]}";
        return string.Create(CultureInfo.InvariantCulture, $"{status.Owner}, epoch {status.Epoch}{since}{Behind(": ", status.LastReason)}");
    }

    private static IEnumerable<string> Locks(GroupStatus status, TimeProvider time)
    {
        if (status.Group.Locked)
            yield return "by its manifest (locked: true)";
        foreach (var item in status.Locks)
            yield return $"{LockLines.Target(item.Target)}, by {ActorName.Shown(item.LockedBy)}{LockLines.Until(item, time)}{Behind(": ", item.Reason)}";
    }

    private static IEnumerable<string> Members(GroupStatus status) => status.Group.Members.OrderByDescending(m => m.Priority).Select(member =>
    {
        var backup = status.Backups.FirstOrDefault(b => b.Host == member.Host);
        var state = member.Host == status.Owner ? "owner" : backup is null ? "" : BackupText.StateOf(backup);
        var weighed = status.EffectivePriorities.TryGetValue(member.Host, out var now) && now != member.Priority
            ? string.Create(CultureInfo.InvariantCulture, $", now {now} by its checks")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{member.Host}({member.Priority}{weighed}){Behind(": ", state)}");
    });

    private static string TimingOf(GroupTiming timing)
    {
        (string Name, GroupTiming Times)[] profiles = [("default", GroupTiming.Default), ("fast", GroupTiming.Fast), ("calm", GroupTiming.Calm)];
        var profile = profiles.FirstOrDefault(p => p.Times == timing).Name;
        return $"{(profile is null ? "" : profile + ": ")}ttl {DurationText.Format(timing.Ttl)}, heartbeat {DurationText.Format(timing.Heartbeat)}, "
            + $"takeover_margin {DurationText.Format(timing.TakeoverMargin)}, solo_ttl {DurationText.Format(timing.SoloTtl)}";
    }

    private static string FailbackOf(Group group) => group.Failback is { Mode: FailbackMode.Automatic } failback
        ? $"automatic, after {Text(failback.Delay)}{Behind(", ", failback.Window is { } window ? FailbackWindowText.Of(window) : "")}"
        : "manual";

    private static string RouteOf(Route route) =>
        $"{route.Destination}{Behind(" via ", route.Gateway)} on {route.Interface}{Behind(", from ", route.Source)}";

    private static string DirectoryOf(GroupDirectory directory)
    {
        var lag = DurationText.Format(directory.MaxLag.ToModel(HaGrpc.Core.Model.GroupDirectory.DefaultMaxLag));
        return $"{directory.Path} (max_lag {lag}{Behind(", exclude ", CommandWords.Quote(directory.Exclude))})";
    }

    private static string HookOf(Hook hook)
    {
        var events = string.Join(", ", hook.Events.Select(GroupWords.Of));
        var style = hook.Style is HookStyle.Unspecified or HookStyle.Plain ? "" : GroupWords.Of(hook.Style);
        var timeout = DurationText.Format(hook.Timeout.ToModel(HaGrpc.Core.Model.Hook.DefaultTimeout));
        return $"{hook.Name}, {GroupWords.Of(hook.Phase)} {events}: {CommandWords.Quote(hook.Command)} "
            + $"(timeout {timeout}{Behind(", user ", hook.User)}{Behind(", style ", style)})";
    }

    private static string Text(Duration? duration) => DurationText.Format(duration.ToModel(TimeSpan.Zero));

    private static string Behind(string before, string text) => text.Length > 0 ? before + text : "";
}
