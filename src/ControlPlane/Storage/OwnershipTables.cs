using System.Collections.Immutable;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Owners, epochs and views. Every write is a compare-and-swap that names the leadership's term (rules C6, S3, V1).</summary>
internal sealed class OwnershipTables(Database database)
{
    /// <summary>Every group's owner, in ordinal order of the groups, all as of one instant.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<OwnershipRecord>> ReadAsync(CancellationToken ct = default) =>
        database.ReadAsync(static unit => OwnershipRows.ReadAllAsync(unit), ct);

    /// <summary>One group's owner; null when there is no such group.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<OwnershipRecord?> ReadAsync(string group, CancellationToken ct = default) =>
        database.ReadAsync(unit => OwnershipRows.ReadOneAsync(unit, group, new("")), ct);

    /// <summary>
    /// One group's owner in a way that no earlier promotion can still change: after an outcome
    /// <see cref="OwnershipOutcome.Unknown"/> this is the answer (rule C6). It waits for writers of the row, and raises
    /// <see cref="OwnershipRecord.Attempt"/>, so that a promotion that has not reached the database yet is lost when it does.
    /// </summary>
    /// <returns>Null when the term is over or there is no such group: nothing may be concluded then.</returns>
    /// <exception cref="StorageException">The database failed, or the write under way took too long: still unknown, ask again.</exception>
    public Task<OwnershipRecord?> SettleAsync(string group, long term, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return null;
                await unit.ExecuteAsync($"update ownership set attempt = attempt + 1 where group_name = {group}");
                var settled = await OwnershipRows.ReadOneAsync(unit, group, new(""));
                await unit.CommitAsync();
                return settled;
            },
            ct);

    /// <summary>Commits owner, epoch, reason, view and event together, if epoch and term are as expected.</summary>
    /// <returns>Never throws for a failure of the database: that is <see cref="OwnershipOutcome.Unknown"/>. A
    /// cancellation throws and means that nothing was written.</returns>
    public Task<OwnershipWrite> PromoteAsync(Promotion promotion, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(promotion.NewOwner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(promotion.Epoch, promotion.ExpectedEpoch);
        return TryAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, promotion.Term))
                    return TermIsOver(promotion.Term);
                var now = database.Now();
                var epoch = promotion.Epoch;
                var changed = await unit.ExecuteAsync(
                    $"""
                    update ownership set owner = {promotion.NewOwner}, epoch = {epoch}, term = {promotion.Term},
                        changed_at = {now}, reason = {promotion.Reason}, moved_by = {promotion.Actor}, ended_at = null
                    where group_name = {promotion.Group} and epoch = {promotion.ExpectedEpoch}
                        and attempt = {promotion.ExpectedAttempt}
                    """);
                if (changed == 0)
                    return await MovedAsync(unit, promotion);
                if (epoch > promotion.ExpectedEpoch + 1)
                    await OwnershipRows.RaiseFloorAsync(unit, epoch);
                if (promotion.View is { } view
                    && await OwnershipRows.AddViewAsync(unit, promotion.Group, epoch, view, promotion.Term, now) is { } why)
                {
                    return why;
                }

                var line = promotion.Event with
                {
                    Group = promotion.Group,
                    Epoch = epoch,
                    Actor = promotion.Actor,
                    Host = promotion.Event.Host.Length > 0 ? promotion.Event.Host : promotion.NewOwner,
                };
                await EventTable.InsertAsync(unit, [line], now);
                return await CommitAsync(unit);
            },
            ct);
    }

    /// <summary>Adds a view, before it is sent to anybody. Writing the newest one again changes nothing and counts as
    /// committed, so that an unknown outcome is settled by repeating.</summary>
    /// <param name="group">The group.</param>
    /// <param name="view">The view; its version must be higher than every earlier one.</param>
    /// <param name="term">The leadership under which it was decided.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>As <see cref="PromoteAsync"/>; lost also when the group has another view of that or a higher version.</returns>
    public Task<OwnershipWrite> WriteViewAsync(string group, View view, long term, CancellationToken ct = default) =>
        TryAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return TermIsOver(term);
                if (await OwnershipRows.ReadEpochAsync(unit, group) is not { } epoch)
                    return NoGroup(group);
                return await OwnershipRows.AddViewAsync(unit, group, epoch, view, term, database.Now())
                    ?? await CommitAsync(unit);
            },
            ct);

    /// <summary>Stores that the owner acts under a view, before anything relies on it. Views before it are forgotten. A
    /// version lower than one confirmed already, or the same again, changes nothing and counts as committed.</summary>
    /// <returns>As <see cref="PromoteAsync"/>; lost also when the group has no such version.</returns>
    public Task<OwnershipWrite> ConfirmViewAsync(string group, long version, long term, CancellationToken ct = default) =>
        TryAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return TermIsOver(term);
                if (await OwnershipRows.ReadEpochAsync(unit, group) is null)
                    return NoGroup(group);
                return await OwnershipRows.ConfirmViewAsync(unit, group, version, database.Now())
                    ?? await CommitAsync(unit);
            },
            ct);

    private static async Task<OwnershipWrite> CommitAsync(UnitOfWork unit)
    {
        await unit.CommitAsync();
        return new(OwnershipOutcome.Committed, "");
    }

    private static OwnershipWrite TermIsOver(long term) =>
        new(OwnershipOutcome.Lost, $"the leadership of term {term} is over: another control plane leads, or it was released");

    private static async Task<OwnershipWrite> MovedAsync(UnitOfWork unit, Promotion promotion)
    {
        var group = promotion.Group;
        if (await OwnershipRows.ReadOneAsync(unit, group, new("")) is not { } now)
            return NoGroup(group);
        return new(
            OwnershipOutcome.Lost,
            now.Epoch != promotion.ExpectedEpoch
                ? $"group '{group}' is at epoch {now.Epoch}, expected was {promotion.ExpectedEpoch}"
                : $"group '{group}' is at attempt {now.Attempt}, expected was {promotion.ExpectedAttempt}");
    }

    private static OwnershipWrite NoGroup(string group) =>
        new(OwnershipOutcome.Lost, $"there is no group '{group}'");

    // Whatever failed and however early: one path for the caller, which reads back.
    private async Task<OwnershipWrite> TryAsync(Func<UnitOfWork, Task<OwnershipWrite>> body, CancellationToken ct)
    {
        try
        {
            return await database.WriteAsync(body, ct);
        }
        catch (StorageException e)
        {
            return new(OwnershipOutcome.Unknown, e.Message);
        }
    }
}
