using System.CommandLine;
using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl groups [-v] [GROUP…]</c>.</summary>
internal static class GroupsCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var names = new Argument<string[]>("GROUP") { Description = "only these", Arity = ArgumentArity.ZeroOrMore };
        var whole = new Option<bool>("--verbose", "-v") { Description = "each group whole, with all that is registered of it" };
        var watch = WatchOption.Create();
        var command = new Command("groups", "Show the groups, and who owns them.") { names, whole, watch };
        runner.Attach(command, call => Watch.RunAsync(
            call, call.Parsed.GetValue(watch), c => RunAsync(c, c.Parsed.GetValue(names) ?? [], c.Parsed.GetValue(whole)), Selectors.WithoutPatterns(call.Parsed.GetValue(names) ?? [])));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string[] given, bool whole)
    {
        var chosen = await Selectors.ChooseAsync(call, given).ConfigureAwait(false);
        var names = chosen.Names;
        // None at all would be everything.
        var response = given.Length > 0 && names.Length == 0 ? new()
            : await call.ControlPlane.Admin.ListGroupsAsync(new() { Names = { names } }, call.Short).ConfigureAwait(false);
        call.Say(response.Limits);
        var groups = response.Groups.OrderBy(group => group.Group.Name, StringComparer.Ordinal).ToArray();
        if (call.Json)
            Json.Write(call.Out, GroupsJson.Of(groups), shapes => shapes.GroupsJson);
        else if (whole)
            PrintWhole(groups, call);
        else if (groups.Length > 0 || given.Length == 0)
            Print(groups, call);
        if (!call.Json && groups.Length == 0 && given.Length == 0 && response.Limits.Length == 0)
            call.Say($"no groups are registered: 'hactl apply' registers them");
        string[] unknown = [.. chosen.Unmatched, .. names.Except(groups.Select(group => group.Group.Name), StringComparer.Ordinal)];
        foreach (var name in unknown)
            call.Surroundings.Error.WriteLine($"{name}: ERROR (no such group)");
        await Selectors.TellNearAsync(call, unknown).ConfigureAwait(false);
        return unknown.Length == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static void PrintWhole(IEnumerable<GroupStatus> groups, CommandRunner.Call call)
    {
        var isFirst = true;
        foreach (var group in groups)
        {
            if (!isFirst)
                call.Out.WriteLine();
            GroupLines.Print(group, call.Out, call.Surroundings.Time);
            isFirst = false;
        }
    }

    private static void Print(IEnumerable<GroupStatus> groups, CommandRunner.Call call)
    {
        var table = new Table("GROUP", "OWNER", "EPOCH", "PHASE", "SINCE", "MEMBERS", "BACKUP", "ADDRESSES", "+LEASE", "+FAILBACK", "+SYNC GROUP", "+LOCKED BY", "DETAIL");
        foreach (var status in groups)
        {
            var members = status.Group.Members.OrderByDescending(member => member.Priority)
                .Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Host}({member.Priority})"));
            table.Add(
                status.Group.Name,
                status.Owner,
                status.Epoch.ToString(CultureInfo.InvariantCulture),
                status.Phase + (status.IsLocked() ? ",locked" : ""),
                status.OwnedSince is null ? "" : Times.Full(status.OwnedSince, call.Surroundings.Time)[..19],
                string.Join(",", members),
                string.Join(", ", status.Backups.Select(b => $"{b.Host}: {BackupText.StateOf(b)}")),
                string.Join(",", status.Group.Vips.Select(vip => vip.Address)),
                Times.Short(status.LeaseLeft),
                status.Group.Failback?.Mode == FailbackMode.Automatic ? Speech.Of("automatic") : Speech.Of("manual"),
                status.Group.SyncGroup,
                string.Join(", ", status.Locks.Select(l => ActorName.Shown(l.LockedBy))),
                status.Detail.Length > 0 ? status.Detail : status.LastReason);
        }
        table.Print(call.Out);
    }
}
