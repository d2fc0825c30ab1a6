using HaGrpc.Core.Access;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HostSpec = HaGrpc.Core.Model.Host;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Writes objects inside a transaction that holds the configuration revision, and notes what changed.</summary>
internal sealed partial class RegistryWriter(UnitOfWork unit, string actor, DateTimeOffset now)
{
    /// <summary>The instant of all these changes.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Who asks.</summary>
    public string Actor => actor;

    /// <summary>Why programs are wanted to run, or not, where the change itself says so.</summary>
    public string DesiredReason { get; init; } = "applied";

    /// <summary>The documents of the objects whose registration changed, before and after.</summary>
    public List<RevisionChange> Revised { get; } = [];

    /// <summary>What became of each object.</summary>
    public List<ObjectChange> Changes { get; } = [];

    /// <summary>One event for each object that changed.</summary>
    public List<EventRecord> Events { get; } = [];

    /// <summary>Registers or changes a host.</summary>
    public async Task PutAsync(HostSpec host)
    {
        var spec = StoredJson.Host(host);
        var stored = await StoredAsync(
            $"select spec, revision from host where name = {host.Name}", static json => StoredJson.Host(StoredJson.Host(json)));
        var (kind, revision) = Compare(stored, spec);
        await (kind switch
        {
            ChangeKind.Created => unit.ExecuteAsync(
                $"insert into host (name, revision, spec, created_at, updated_at) values ({host.Name}, 1, {spec}, {now}, {now})"),
            ChangeKind.Updated => unit.ExecuteAsync(
                $"update host set revision = {revision}, spec = {spec}, updated_at = {now} where name = {host.Name}"),
            _ => Task.CompletedTask,
        });
        if (kind == ChangeKind.Created)
            await unit.ExecuteAsync($"delete from deleted_host where name = {host.Name}");
        Revise($"host/{host.Name}", stored?.Spec, spec.Value);
        Note(kind, revision, $"host/{host.Name}", "HostRegistered", "HostChanged", new() { Kind = "", Host = host.Name });
    }

    /// <summary>Registers or changes a group.</summary>
    public async Task PutAsync(Group group)
    {
        var spec = StoredJson.Group(group);
        var stored = await StoredAsync(
            $"select spec, revision from host_group where name = {group.Name}",
            static json => StoredJson.Group(StoredJson.Group(json)));
        var (kind, revision) = Compare(stored, spec);
        switch (kind)
        {
            case ChangeKind.Created:
                await unit.ExecuteAsync(
                    $"""
                    insert into host_group (name, revision, spec, created_at, updated_at)
                    values ({group.Name}, 1, {spec}, {now}, {now})
                    """);
                await OwnershipRows.CreateAsync(unit, group.Name, FailoverEngine.ViewOf(group, 1), actor, now);
                break;
            case ChangeKind.Updated:
                await unit.ExecuteAsync(
                    $"update host_group set revision = {revision}, spec = {spec}, updated_at = {now} where name = {group.Name}");
                break;
        }

        Revise($"group/{group.Name}", stored?.Spec, spec.Value);
        Note(kind, revision, $"group/{group.Name}", "GroupRegistered", "GroupChanged", new() { Kind = "", Group = group.Name });
    }

    /// <summary>Registers or changes programs; the desired state of a known one stays unless the operator named it.</summary>
    /// <param name="programs">The programs, each of another name.</param>
    /// <param name="namedStates">Those whose desired state the operator named.</param>
    public async Task PutAsync(IReadOnlyCollection<ProgramSpec> programs, IReadOnlySet<ProgramName> namedStates)
    {
        // A question for each of a thousand programs would be most of an apply's time.
        var known = new Dictionary<ProgramName, (string Spec, long Revision)>();
        foreach (var group in programs.Select(static p => p.Name.Group).Distinct(StringComparer.Ordinal))
        {
            var rows = await unit.QueryAsync(
                $"select name, spec, revision from program where group_name = {group}",
                row => (new ProgramName(group, row.Text(0)), Spec: row.Text(1), Revision: row.Long(2)));
            foreach (var (name, spec, revision) in rows)
                known[name] = (spec, revision);
        }

        List<Statement> created = [];
        foreach (var program in programs)
        {
            var stored = known.TryGetValue(program.Name, out var found) ? (Rewritten(found.Spec), found.Revision) : default((string, long)?);
            await PutAsync(program, stored, namedStates.Contains(program.Name), created);
        }
        foreach (var rows in created.Chunk(unit.Dialect.RowsAtOnce))
        {
            await unit.ExecuteAsync(
                $"""
                insert into program (group_name, name, revision, spec, desired_state, desired_by, desired_at, desired_reason,
                                     restart_generation, created_at, updated_at)
                values {Statement.Rows(rows)}
                """);
        }
    }

    private async Task PutAsync(ProgramSpec program, (string Spec, long Revision)? stored, bool namesDesiredState, List<Statement> created)
    {
        var (group, name) = program.Name;
        var spec = StoredJson.Program(program);
        var (kind, revision) = Compare(stored, spec);
        if (kind == ChangeKind.Created)
            created.Add($"({group}, {name}, 1, {spec}, {program.DesiredState.ToString()}, {actor}, {now}, 'registered', 0, {now}, {now})");
        else if (kind == ChangeKind.Updated)
        {
            await unit.ExecuteAsync(
                $"""
                update program set revision = {revision}, spec = {spec}, updated_at = {now}
                where group_name = {group} and name = {name}
                """);
        }
        Revise($"program/{program.Name}", stored?.Spec, spec.Value);
        if (namesDesiredState && kind != ChangeKind.Created && await ChangeDesiredAsync(program, kind))
            (kind, revision) = (ChangeKind.Updated, kind == ChangeKind.Updated ? revision : revision + 1);
        Note(kind, revision, $"program/{program.Name}", "ProgramRegistered", "ProgramChanged", new() { Kind = "", Group = group, Program = name });
    }

    /// <summary>Removes a program; one that is not there changes nothing.</summary>
    public Task RemoveAsync(ProgramName program) => RemoveAsync(program, "ProgramRemoved", "removed", "");

    private async Task RemoveAsync(ProgramName program, string kind, string how, string reason)
    {
        if (await StoredProgramAsync(program) is not { } stored)
            return;
        await unit.ExecuteAsync($"delete from program where group_name = {program.Group} and name = {program.Name}");
        Revise($"program/{program}", stored.Spec, null);
        Changes.Add(new(ChangeKind.Removed, $"program/{program}", 0));
        Events.Add(new()
        {
            Kind = kind,
            Group = program.Group,
            Program = program.Name,
            Actor = actor,
            Message = With(reason, $"program/{program} {how}"),
        });
    }

    /// <summary>Starts, stops or restarts a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="action">What is wanted.</param>
    /// <param name="reason">Why.</param>
    /// <param name="at">When that was, if it was earlier than now.</param>
    public async Task SetDesiredAsync(RegisteredProgram program, DesiredAction action, string reason, DateTimeOffset? at = null)
    {
        var (group, name) = program.Spec.Name;
        var wanted = action == DesiredAction.Stop ? DesiredState.Stopped : DesiredState.Running;
        if (action != DesiredAction.Restart && wanted == program.Spec.DesiredState)
        {
            Changes.Add(new(ChangeKind.Unchanged, $"program/{program.Spec.Name}", program.Revision));
            return;
        }

        // By another clock: it cannot have been later than now.
        var since = at is { } earlier && earlier < now ? Database.WholeMicroseconds(earlier) : now;
        var generation = program.Spec.RestartGeneration + (action == DesiredAction.Restart ? 1 : 0);
        await unit.ExecuteAsync(
            $"""
            update program set revision = revision + 1, desired_state = {wanted.ToString()}, desired_by = {actor},
                desired_at = {since}, desired_reason = {reason}, restart_generation = {generation}, updated_at = {now}
            where group_name = {group} and name = {name}
            """);
        Changes.Add(new(ChangeKind.Updated, $"program/{program.Spec.Name}", program.Revision + 1));
        Events.Add(new()
        {
            Kind = action switch
            {
                DesiredAction.Start => "ProgramStartRequested",
                DesiredAction.Stop => "ProgramStopRequested",
                _ => "ProgramRestartRequested",
            },
            Group = group,
            Program = name,
            Actor = actor,
            Message = reason.Length > 0 ? $"{action} of {program.Spec.Name}: {reason}" : $"{action} of {program.Spec.Name}",
        });
    }

    /// <summary>Drains a host, or ends that.</summary>
    public async Task DrainAsync(RegisteredHost host, bool drained, string reason)
    {
        var name = host.Spec.Name;
        DateTimeOffset? since = drained ? now : null;
        await unit.ExecuteAsync(
            $"""
            update host set revision = revision + 1, drained_by = {(drained ? actor : "")}, drained_at = {since},
                drained_reason = {(drained ? reason : "")}, updated_at = {now}
            where name = {name}
            """);
        Changes.Add(new(ChangeKind.Updated, $"host/{name}", host.Revision + 1));
        var what = drained ? "shall own nothing" : "may own groups again";
        Events.Add(new()
        {
            Kind = drained ? "HostDrained" : "HostUndrained",
            Host = name,
            Actor = actor,
            Message = reason.Length > 0 ? $"{name} {what}: {reason}" : $"{name} {what}",
        });
    }

    /// <summary>Stores a lock, in place of an older one of the same target.</summary>
    public async Task LockAsync(OperatorLock made)
    {
        var (scope, name) = (made.Target.Scope.ToString(), made.Target.Name);
        await unit.ExecuteAsync($"delete from operator_lock where scope = {scope} and name = {name}");
        await unit.ExecuteAsync(
            $"""
            insert into operator_lock (scope, name, locked_by, locked_at, reason, expires_at)
            values ({scope}, {name}, {made.By}, {made.At}, {made.Reason}, {made.ExpiresAt})
            """);
        NoteLock("GroupLocked", made.Target, made.Describe());
    }

    /// <summary>Removes a lock.</summary>
    public async Task UnlockAsync(OperatorLock stored, string kind, string reason)
    {
        await unit.ExecuteAsync($"delete from operator_lock where scope = {stored.Target.Scope.ToString()} and name = {stored.Target.Name}");
        var how = kind == "LockExpired" ? "the time of the lock is over" : reason.Length > 0 ? reason : "unlocked";
        NoteLock(kind, stored.Target, $"{stored.Target} may move again: {how}; it was locked by {ActorName.Shown(stored.By)}");
    }

    private void NoteLock(string kind, LockTarget target, string message) => Events.Add(new()
    {
        Kind = kind,
        Group = target.Scope == LockScope.Group ? target.Name : "",
        Host = target.Scope == LockScope.Host ? target.Name : "",
        Actor = actor,
        Message = message,
    });

    private async Task<bool> ChangeDesiredAsync(ProgramSpec program, ChangeKind kind)
    {
        var (group, name) = program.Name;
        var wanted = program.DesiredState.ToString();
        var raise = kind == ChangeKind.Updated ? 0L : 1L;
        return await unit.ExecuteAsync(
            $"""
            update program set revision = revision + {raise}, desired_state = {wanted}, desired_by = {actor},
                desired_at = {now}, desired_reason = {DesiredReason}, updated_at = {now}
            where group_name = {group} and name = {name} and desired_state <> {wanted}
            """) > 0;
    }

    private static (ChangeKind Kind, long Revision) Compare((string Spec, long Revision)? stored, JsonText wanted) => stored switch
    {
        null => (ChangeKind.Created, 1),
        { } s when s.Spec == wanted.Value => (ChangeKind.Unchanged, s.Revision),
        { } s => (ChangeKind.Updated, s.Revision + 1),
    };

    // The database may hold the document in another order or spacing: compare what this binary would write.
    private async Task<(string Spec, long Revision)?> StoredAsync(Statement select, Func<string, JsonText> rewrite)
    {
        var rows = await unit.QueryAsync(select, row => (rewrite(row.Text(0)).Value, row.Long(1)));
        return rows.Count == 0 ? null : rows[0];
    }

    private Task<(string Spec, long Revision)?> StoredProgramAsync(ProgramName program) => StoredAsync(
        $"select spec, revision from program where group_name = {program.Group} and name = {program.Name}",
        static json => new(Rewritten(json)));

    private static string Rewritten(string program) =>
        StoredJson.Program(StoredJson.Program(program, nameof(DesiredState.Running), 0)).Value;

    private void Revise(string name, string? before, string? after)
    {
        if (before != after)
            Revised.Add(new(name, before, after));
    }

    private void Note(ChangeKind kind, long revision, string name, string registered, string changed, EventRecord about)
    {
        Changes.Add(new(kind, name, revision));
        if (kind == ChangeKind.Unchanged)
            return;
        Events.Add(about with
        {
            Kind = kind == ChangeKind.Created ? registered : changed,
            Actor = actor,
            Message = kind == ChangeKind.Created ? $"{name} registered" : $"{name} changed, now revision {revision}",
        });
    }
}
