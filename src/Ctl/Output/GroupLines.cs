using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
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
        Line(Speech.Of("owner"), Owner(status, time));
        Line(Speech.Of("phase"), status.Detail.Length > 0 ? $"{status.Phase}: {status.Detail}" : status.Phase);
        Lines(Speech.Of("locked"), Locks(status, time), Speech.Of("no"));
        Lines("members", Members(status), Speech.Of("none"));
        Lines("vips", group.Vips.Select(v => Speech.Of($"{v.Address} on {v.Interface}{Behind(", label ", v.Label)}{Behind(", script ", v.Script)}")), Speech.Of("none"));
        Lines("routes", group.Routes.Select(RouteOf), Speech.Of("none"));
        Line("timing", TimingOf(group.Timing.ToModel()));
        Line("sync_group", group.SyncGroup.Length > 0 ? group.SyncGroup : Speech.Of("none"));
        Lines("checks", group.Checks.Select(HostCheckText.Of), Speech.Of("none"));
        Lines("directories", group.Directories.Select(DirectoryOf), Speech.Of("none"));
        Line("failback", FailbackOf(group));
        Line("fencing", group.Fencing == Fencing.Required ? "required" : "off");
        Line("flap_budget", group.FlapBudget is { } budget
            ? Speech.Of($"{budget.Moves} moves in {Text(budget.Window)}")
            : Speech.Of("none"));
        var announced = group.AnnounceInterval.ToModel(HaGrpc.Core.Model.Group.DefaultAnnounceInterval);
        Line("announce_interval", announced == TimeSpan.Zero ? Speech.Of("never by the clock") : DurationText.Format(announced));
        var probed = group.DuplicateProbeInterval.ToModel(HaGrpc.Core.Model.Group.DefaultDuplicateProbeInterval);
        Line("duplicate_probe_interval", probed == TimeSpan.Zero ? Speech.Of("at takeovers and with announcements") : DurationText.Format(probed));
        Line("drop_connections", group.DropConnections ? Speech.Of("yes") : Speech.Of("no"));
        Lines("hooks", group.Hooks.Select(HookOf), Speech.Of("none"));

        void Line(string name, string value) => output.WriteLine($"  {TextWidth.Padded(name, Width)}{value}");

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
            return Speech.Of("none");
        var since = status.OwnedSince is null ? "" : Speech.Of($", since {Times.Full(status.OwnedSince, time)[..19]}");
        return Speech.Of($"{status.Owner}, epoch {status.Epoch}{since}{Behind(": ", status.LastReason)}");
    }

    private static IEnumerable<string> Locks(GroupStatus status, TimeProvider time)
    {
        if (status.Group.Locked)
            yield return Speech.Of("by its manifest (locked: true)");
        foreach (var item in status.Locks)
            yield return Speech.Of($"{LockLines.Target(item.Target)}, by {ActorName.Shown(item.LockedBy)}{LockLines.Until(item, time)}{Behind(": ", item.Reason)}");
    }

    private static IEnumerable<string> Members(GroupStatus status) => status.Group.Members.OrderByDescending(m => m.Priority).Select(member =>
    {
        var backup = status.Backups.FirstOrDefault(b => b.Host == member.Host);
        var state = member.Host == status.Owner ? Speech.Of("owner") : backup is null ? "" : BackupText.StateOf(backup);
        var weighed = status.EffectivePriorities.TryGetValue(member.Host, out var now) && now != member.Priority
            ? Speech.Of($", now {now} by its checks")
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
        ? Speech.Of($"automatic, after {Text(failback.Delay)}{Behind(", ", failback.Window is { } window ? FailbackWindowText.Of(window) : "")}")
        : Speech.Of("manual");

    private static string RouteOf(Route route) =>
        Speech.Of($"{route.Destination}{Behind(" via ", route.Gateway)} on {route.Interface}{Behind(", from ", route.Source)}");

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
