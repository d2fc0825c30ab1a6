using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Hosts, groups and programs, under one configuration revision.</summary>
internal sealed class RegistryTables(Database database)
{
    /// <summary>Everything registered, as of one instant.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<RegistrySnapshot> ReadAsync(CancellationToken ct = default) => database.ReadAsync(
        static async unit => new RegistrySnapshot(
            await RegistryRows.ReadRevisionAsync(unit),
            await RegistryRows.ReadHostsAsync(unit),
            await RegistryRows.ReadGroupsAsync(unit),
            await RegistryRows.ReadProgramsAsync(unit))
        {
            Locks = await RegistryRows.ReadLocksAsync(unit),
            DeletedHosts = await RegistryRows.ReadDeletedHostsAsync(unit),
            Revocations = await IdentityRows.ReadRevocationsAsync(unit),
        },
        ct);

    /// <summary>Registers or changes objects, all or nothing, with one event for each that changed. Members and groups
    /// that are named must exist or be among the changes: validate first.</summary>
    /// <param name="changes">The objects.</param>
    /// <param name="expectedConfigurationRevision">The revision that the changes were validated against.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed. Applying again is safe.</exception>
    public Task<RegistryWrite> ApplyAsync(
        RegistryChanges changes, long expectedConfigurationRevision, string actor, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                var revision = await RegistryRows.LockRevisionAsync(unit);
                if (revision != expectedConfigurationRevision)
                {
                    return Conflict(
                        revision,
                        $"the configuration is at revision {revision}, expected was {expectedConfigurationRevision}");
                }

                var writer = new RegistryWriter(unit, actor, database.Now());
                foreach (var host in changes.Hosts)
                    await writer.PutAsync(host);
                foreach (var group in changes.Groups)
                    await writer.PutAsync(group);
                foreach (var program in changes.Surplus)
                    await writer.RemoveAsync(program);
                await writer.PutAsync(changes.Programs, changes.DesiredStates);
                foreach (var program in changes.DeletedPrograms)
                    await writer.DeleteAsync(program, changes.Reason);
                foreach (var group in changes.RetiredGroups)
                    await writer.RetireAsync(group, changes.Reason);
                foreach (var host in changes.DeletedHosts)
                    await writer.DeleteHostAsync(host, changes.Reason);
                return await FinishAsync(unit, writer, revision, changes.Cause);
            },
            ct);

    /// <summary>Makes what was observed ours, all or nothing: the group and programs as they are to be and, for a group, its first owner and a
    /// lock, so that it stays there until an operator has seen that all is well.</summary>
    /// <param name="changes">The group and the programs.</param>
    /// <param name="first">The first owner; null when the group is ours already.</param>
    /// <param name="expectedConfigurationRevision">The revision that the changes were decided on.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>A conflict also when the term is over.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe: what is ours already is refused.</exception>
    public Task<RegistryWrite> HandOverAsync(
        RegistryChanges changes, FirstOwner? first, long expectedConfigurationRevision, string actor, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                var revision = await RegistryRows.LockRevisionAsync(unit);
                if (revision != expectedConfigurationRevision)
                    return Conflict(revision, $"the configuration is at revision {revision}, expected was {expectedConfigurationRevision}");
                if (first is not null && !await LeadershipTable.HoldsAsync(unit, first.Term))
                    return Conflict(revision, $"the leadership of term {first.Term} is over");
                var writer = new RegistryWriter(unit, actor, database.Now()) { DesiredReason = changes.Reason };
                foreach (var group in changes.Groups)
                    await writer.PutAsync(group);
                await writer.PutAsync(changes.Programs, changes.DesiredStates);
                if (first is not null)
                {
                    await OwnershipRows.GiveAsync(unit, first, actor, writer.Now);
                    writer.Events.Add(new()
                    {
                        Kind = "GroupHandedOver",
                        Group = first.Group,
                        Host = first.Host,
                        Actor = actor,
                        Message = $"{first.Group} was handed over as it runs on {first.Host}: {first.Reason}",
                    });
                    var target = new LockTarget(LockScope.Group, first.Group);
                    if (await LockOfAsync(unit, target) is not { } stored || !stored.IsInForce(writer.Now))
                        await writer.LockAsync(new(target, first.LockedBy, writer.Now, $"handed over on {first.Host}; unlock it when everything is", null));
                }
                return await FinishAsync(unit, writer, revision, changes.Cause);
            },
            ct);

    /// <summary>Starts, stops or restarts programs in the database, all or none, with one event for each that changed.</summary>
    /// <param name="changes">What is wanted of which program, and the revision that this is based on.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="at">When it was asked, if earlier than now.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed. If the outcome is unknown, asking again with the same
    /// expected revisions does nothing twice.</exception>
    public Task<RegistryWrite> SetDesiredAsync(
        IReadOnlyCollection<DesiredChange> changes, string actor, string reason, DateTimeOffset? at = null, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                var revision = await RegistryRows.LockRevisionAsync(unit);
                var programs = (await RegistryRows.ReadProgramsAsync(unit)).ToDictionary(static p => p.Spec.Name);
                ImmutableArray<string> conflicts = [.. changes.Select(c => Conflict(c, programs)).OfType<string>()];
                if (conflicts.Length > 0)
                    return Conflict(revision, [.. conflicts]);

                var writer = new RegistryWriter(unit, actor, database.Now());
                foreach (var change in changes)
                    await writer.SetDesiredAsync(programs[change.Program], change.Action, reason, at);
                return await FinishAsync(unit, writer, revision);
            },
            ct);

    /// <summary>Deletes the registration of a group that has ended (rule C11), as a compare-and-swap on epoch and term that forbids any attempt
    /// still under way. A group that is not being deleted, as when this is done again, is left alone.</summary>
    /// <param name="retirement">Which group, and what its end is worth.</param>
    /// <param name="term">The leadership under which it was decided.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>Lost when the term is over, or the epoch another one: only another leader can have been here.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe.</exception>
    public Task<OwnershipWrite> ForgetAsync(CommitRetirement retirement, long term, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            var (group, now) = (retirement.Group, database.Now());
            if (!await LeadershipTable.HoldsAsync(unit, term))
                return new(OwnershipOutcome.Lost, $"the leadership of term {term} is over: another control plane leads, or it was released");
            var revision = await RegistryRows.LockRevisionAsync(unit);
            if (await unit.NumberAsync($"select revision from host_group where name = {group} and retiring_at is not null") is null)
                return new(OwnershipOutcome.Committed, "");
            DateTimeOffset? endedAt = retirement.IsOver ? now : null;
            var changed = await unit.ExecuteAsync(
                $"""
                update ownership set epoch = {retirement.Epoch}, attempt = attempt + 1, term = {term}, ended_at = {endedAt}
                where group_name = {group} and epoch = {retirement.ExpectedEpoch}
                """);
            if (changed == 0)
                return new(OwnershipOutcome.Lost, $"group '{group}' is not at epoch {retirement.ExpectedEpoch} any more");
            if (retirement.Epoch > retirement.ExpectedEpoch)
                await OwnershipRows.RaiseFloorAsync(unit, retirement.Epoch);
            var writer = new RegistryWriter(unit, "", now);
            await writer.ForgetAsync(group, retirement.Epoch, How(retirement));
            _ = await FinishAsync(unit, writer, revision);
            return new OwnershipWrite(OwnershipOutcome.Committed, "");
        },
        ct);

    private static string How(CommitRetirement retirement) => retirement switch
    {
        { Owner: "" } => "nobody owned it",
        { IsOver: true } => $"epoch {retirement.ExpectedEpoch} of {retirement.Owner} is over",
        _ => $"{retirement.Owner} has not confirmed the end of epoch {retirement.ExpectedEpoch}, and ends it when it is heard again",
    };

    /// <summary>Notes that an operator wants a host to own nothing, or does not any more, with an event. Who does so already is left as the one
    /// who wanted it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="drained">True: it shall own nothing.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>False when there is no such host.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe.</exception>
    public Task<bool> DrainAsync(string host, bool drained, string actor, string reason, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            var revision = await RegistryRows.LockRevisionAsync(unit);
            if ((await RegistryRows.ReadHostsAsync(unit)).FirstOrDefault(h => h.Spec.Name == host) is not { } stored)
                return false;
            if (drained == stored.Drain is not null)
                return true;
            var writer = new RegistryWriter(unit, actor, database.Now());
            await writer.DrainAsync(stored, drained, reason);
            _ = await FinishAsync(unit, writer, revision);
            return true;
        },
        ct);

    /// <summary>Locks something, or changes one's own lock of it, with an event.</summary>
    /// <param name="target">What to lock.</param>
    /// <param name="duration">For how long; null for a lock without an end.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The lock in force: somebody else's when that was there. Null when there is no such host or group.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe.</exception>
    public Task<OperatorLock?> LockAsync(
        LockTarget target, TimeSpan? duration, string actor, string reason, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            var revision = await RegistryRows.LockRevisionAsync(unit);
            if (!await IsKnownAsync(unit, target))
                return null;
            var now = database.Now();
            if (await LockOfAsync(unit, target) is { } stored && stored.IsInForce(now) && !stored.MayUndo(actor))
                return stored;
            var writer = new RegistryWriter(unit, actor, now);
            var made = new OperatorLock(target, actor, now, reason, now + duration);
            await writer.LockAsync(made);
            _ = await FinishAsync(unit, writer, revision);
            return made;
        },
        ct);

    /// <summary>Ends a lock, with an event.</summary>
    /// <param name="target">What is locked.</param>
    /// <param name="force">Also when somebody else has locked it.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The lock that there was, null for none, and whether it is gone.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe.</exception>
    public Task<(OperatorLock? Lock, bool IsGone)> UnlockAsync(
        LockTarget target, bool force, string actor, string reason, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            var revision = await RegistryRows.LockRevisionAsync(unit);
            var now = database.Now();
            if (await LockOfAsync(unit, target) is not { } stored || !stored.IsInForce(now))
                return (null, true);
            if (!stored.MayUndo(actor) && !force)
                return (stored, false);
            var writer = new RegistryWriter(unit, actor, now);
            await writer.UnlockAsync(stored, "GroupUnlocked", reason);
            _ = await FinishAsync(unit, writer, revision);
            return ((OperatorLock?)stored, true);
        },
        ct);

    /// <summary>Removes the locks that are over, with an event for each.</summary>
    /// <exception cref="StorageException">The database failed. Asking again is safe.</exception>
    public Task<bool> ExpireLocksAsync(CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            var revision = await RegistryRows.LockRevisionAsync(unit);
            var writer = new RegistryWriter(unit, "", database.Now());
            foreach (var over in (await RegistryRows.ReadLocksAsync(unit)).Where(l => !l.IsInForce(writer.Now)))
                await writer.UnlockAsync(over, "LockExpired", "");
            _ = await FinishAsync(unit, writer, revision);
            return writer.Events.Count > 0;
        },
        ct);

    private static async Task<bool> IsKnownAsync(UnitOfWork unit, LockTarget target) => target.Scope switch
    {
        LockScope.Host => (await RegistryRows.ReadHostsAsync(unit)).Any(h => h.Spec.Name == target.Name),
        LockScope.Group => (await RegistryRows.ReadGroupsAsync(unit)).Any(g => g.Spec.Name == target.Name),
        _ => true,
    };

    private static async Task<OperatorLock?> LockOfAsync(UnitOfWork unit, LockTarget target) =>
        (await RegistryRows.ReadLocksAsync(unit)).FirstOrDefault(l => l.Target == target);

    private static string? Conflict(DesiredChange change, Dictionary<ProgramName, RegisteredProgram> programs)
    {
        if (!programs.TryGetValue(change.Program, out var program))
            return $"there is no program {change.Program}";
        return program.Revision == change.ExpectedRevision
            ? null
            : $"program {change.Program} is at revision {program.Revision}, expected was {change.ExpectedRevision}";
    }

    private static RegistryWrite Conflict(long revision, params ImmutableArray<string> conflicts) =>
        new(RegistryOutcome.Conflict, revision, [], conflicts);

    private static async Task<RegistryWrite> FinishAsync(UnitOfWork unit, RegistryWriter writer, long revision, string cause = "")
    {
        if (writer.Events.Count > 0)
        {
            var before = revision;
            revision = await RegistryRows.RaiseRevisionAsync(unit);
            if (writer.Revised.Count > 0)
                await RevisionTable.InsertAsync(unit, new(revision, writer.Now, writer.Actor, cause, [.. writer.Revised]), before);
            await EventTable.InsertAsync(unit, writer.Events, writer.Now);
            await unit.CommitAsync();
        }

        return new(RegistryOutcome.Applied, revision, [.. writer.Changes], []);
    }
}
