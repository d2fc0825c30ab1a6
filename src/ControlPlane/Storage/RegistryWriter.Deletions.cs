using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Storage;

/// <content>What goes: programs at once, groups when they have ended (rule C11), hosts when no group names them any more.</content>
internal sealed partial class RegistryWriter
{
    /// <summary>Deletes a program because an operator wants that; one that is not there changes nothing.</summary>
    public Task DeleteAsync(ProgramName program, string reason) => RemoveAsync(program, "ProgramDeleted", "deleted", reason);

    /// <summary>Notes that a group is to end and to go, with its programs. It is no part of what is registered from here on, and stays in its
    /// row until <see cref="ForgetAsync"/>, because its owner has to know what to stop.</summary>
    public async Task RetireAsync(string group, string reason)
    {
        if (await StoredAsync(
            $"select spec, revision from host_group where name = {group} and retiring_at is null", static json => StoredJson.Group(StoredJson.Group(json)))
            is not { } stored)
        {
            return;
        }
        await unit.ExecuteAsync(
            $"""
            update host_group set revision = revision + 1, retiring_by = {actor}, retiring_at = {now}, retiring_reason = {reason}, updated_at = {now}
            where name = {group}
            """);
        Revise($"group/{group}", stored.Spec, null);
        Changes.Add(new(ChangeKind.Removed, $"group/{group}", 0));
        var programs = await unit.QueryAsync(
            $"select name, spec from program where group_name = {group}",
            static row => (Name: row.Text(0), Spec: StoredJson.Program(StoredJson.Program(row.Text(1), nameof(DesiredState.Running), 0)).Value));
        foreach (var (name, spec) in programs.OrderBy(static p => p.Name, StringComparer.Ordinal))
        {
            Revise($"program/{group}:{name}", spec, null);
            Changes.Add(new(ChangeKind.Removed, $"program/{group}:{name}", 0));
        }
        Events.Add(new()
        {
            Kind = "GroupRetired",
            Group = group,
            Actor = actor,
            Message = With(reason, $"group/{group} is being deleted: it ends first, with {Count(programs.Count, "program")}"),
        });
    }

    /// <summary>Deletes a host, at once or, while a group that is being deleted names it, with that group. Nobody else may name it.</summary>
    public async Task DeleteHostAsync(string host, string reason)
    {
        if (await StoredAsync($"select spec, revision from host where name = {host} and retiring_at is null", static json => StoredJson.Host(StoredJson.Host(json)))
            is not { } stored)
        {
            return;
        }
        Revise($"host/{host}", stored.Spec, null);
        Changes.Add(new(ChangeKind.Removed, $"host/{host}", 0));
        var groups = await GroupsOfAsync(host);
        if (groups.IsEmpty)
        {
            await DropHostAsync(host, actor, reason);
            return;
        }
        await unit.ExecuteAsync(
            $"""
            update host set revision = revision + 1, retiring_by = {actor}, retiring_at = {now}, retiring_reason = {reason}, updated_at = {now}
            where name = {host}
            """);
        Events.Add(new()
        {
            Kind = "HostRetired",
            Host = host,
            Actor = actor,
            Message = With(reason, $"host/{host} is being deleted: it goes when {string.Join(", ", groups)} {(groups.Length == 1 ? "has" : "have")} ended"),
        });
    }

    /// <summary>Deletes a group that has ended, and the hosts that were only waiting for that. The row of its owner stays, so that no epoch comes
    /// again.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch that is remembered.</param>
    /// <param name="how">What is known of its end, for the history.</param>
    public async Task ForgetAsync(string group, long epoch, string how)
    {
        var by = (await unit.QueryAsync(
            $"select retiring_by, retiring_reason from host_group where name = {group}", static row => (Actor: row.Text(0), Reason: row.Text(1))))[0];
        await unit.ExecuteAsync($"delete from program where group_name = {group}");
        await unit.ExecuteAsync($"delete from host_group where name = {group}");
        await unit.ExecuteAsync($"delete from operator_lock where scope = {nameof(LockScope.Group)} and name = {group}");
        Events.Add(new()
        {
            Kind = "GroupDeleted",
            Group = group,
            Epoch = epoch,
            Actor = by.Actor,
            Message = With(by.Reason, $"group/{group} is deleted: {how}"),
        });
        var waiting = await unit.QueryAsync(
            $"select name, retiring_by, retiring_reason from host where retiring_at is not null",
            static row => (Name: row.Text(0), Actor: row.Text(1), Reason: row.Text(2)));
        foreach (var host in waiting.OrderBy(static h => h.Name, StringComparer.Ordinal))
        {
            if ((await GroupsOfAsync(host.Name)).IsEmpty)
                await DropHostAsync(host.Name, host.Actor, host.Reason);
        }
    }

    // Its agent may come back, and is told to end what it runs: that this database knew it is remembered. What it was known by is void from now on: whoever
    // registers a host of this name again gives it a key of its own.
    private async Task DropHostAsync(string host, string by, string reason)
    {
        await unit.ExecuteAsync($"delete from host where name = {host}");
        await unit.ExecuteAsync($"delete from operator_lock where scope = {nameof(LockScope.Host)} and name = {host}");
        await unit.ExecuteAsync($"insert into deleted_host (name, deleted_by, deleted_at) values ({host}, {by}, {now})");
        var certificates = await unit.ExecuteAsync(
            $"""
            update host_certificate set revoked_at = {now}, revoked_by = {by}, revoked_reason = {"the host was deleted"}
            where host = {host} and revoked_at is null and not_after > {now}
            """);
        var tokens = await unit.ExecuteAsync(
            $"""
            update join_token set revoked_at = {now}, revoked_by = {by}
            where host = {host} and revoked_at is null and used_at is null and expires_at > {now}
            """);
        var isVoid = certificates + tokens == 0 ? "" : $", and with it {Count(certificates, "certificate")} and {Count(tokens, "unused token")}";
        Events.Add(new() { Kind = "HostDeleted", Host = host, Actor = by, Message = With(reason, $"host/{host} is deleted{isVoid}") });
    }

    private async Task<ImmutableArray<string>> GroupsOfAsync(string host) =>
        [.. (await RegistryRows.ReadGroupsAsync(unit)).Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == host)).Select(g => g.Name)];

    private static string With(string reason, string text) => reason.Length > 0 ? $"{text}: {reason}" : text;

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
