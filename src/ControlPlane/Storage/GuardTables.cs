using System.Collections.Immutable;
using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The policy, and requests for approval. Every change names the leadership's term, and has an event in its transaction.</summary>
internal sealed class GuardTables(Database database)
{
    private const int MostWaiting = 200;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>The policy, by act, role and groups.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<StoredPolicy> ReadPolicyAsync(CancellationToken ct = default) => database.ReadAsync(ReadPolicyAsync, ct);

    /// <summary>Sets a rule in place of an older one for the same act, role and groups, or removes that.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="isRemoved">True: it is removed, whatever it demands.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<RuleWrite> SetRuleAsync(GuardRule rule, bool isRemoved, long term, string actor, string reason, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return new RuleWrite(IsTermOver: true, null, null);
                var (act, role, now) = (rule.Act.ToString(), rule.Role?.ToString() ?? "", database.Now());
                var before = (await ReadPolicyAsync(unit)).Rules.FirstOrDefault(
                    r => r.Rule.Act == rule.Act && r.Rule.Role == rule.Role && r.Rule.Groups == rule.Groups);
                if (isRemoved && before is null)
                    return new RuleWrite(false, null, null);
                await unit.ExecuteAsync($"delete from guard_rule where act = {act} and role = {role} and groups = {rule.Groups}");
                if (!isRemoved)
                {
                    await unit.ExecuteAsync(
                        $"""
                        insert into guard_rule (act, role, groups, demand, set_by, set_at, reason)
                        values ({act}, {role}, {rule.Groups}, {rule.Demand.ToString()}, {actor}, {now}, {reason})
                        """);
                }
                await TellAsync(unit, "GuardPolicyChanged", isRemoved ? $"no rule any more: {before!.Rule}" : $"{rule}", actor, reason);
                await unit.CommitAsync();
                return new RuleWrite(false, before, isRemoved ? null : new(rule, actor, now, reason));
            },
            ct);

    /// <summary>Requests for approval, the newest first.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<Approval>> ReadApprovalsAsync(CancellationToken ct = default) => database.ReadAsync(ReadApprovalsAsync, ct);

    /// <summary>Asks for approval. Who has asked for the same already, and waits, gets that request again.</summary>
    /// <param name="asked">The request, without a number.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The request; null when the leadership is over, or too many wait.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<Approval?> AskAsync(Approval asked, long term, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            if (!await LeadershipTable.HoldsAsync(unit, term))
                return null;
            var now = database.Now();
            await unit.ExecuteAsync($"delete from approval where requested_at < {now - Kept}");
            var open = (await ReadApprovalsAsync(unit)).Where(a => a.State == ApprovalState.Waiting && !a.IsExpired(now)).ToArray();
            if (open.FirstOrDefault(a => IsSame(a, asked)) is { } known)
                return known;
            if (open.Length >= MostWaiting)
                return null;
            var id = await unit.NumberAsync($"update counter set value = value + 1 where name = 'approval' returning value")
                ?? throw new InvalidOperationException("the counter 'approval' is missing");
            var stored = asked with { Id = id, RequestedAt = now, State = ApprovalState.Waiting };
            await unit.ExecuteAsync(
                $"""
                insert into approval (id, act, digest, fingerprint, name, summary, is_everything, groups, role, requested_by, requested_at, reason, state)
                values ({id}, {asked.Act.ToString()}, {asked.Digest}, {asked.Fingerprint}, {asked.Name}, {asked.Summary},
                        {(asked.Touched.IsEverything ? 1L : 0L)}, {string.Join(' ', asked.Touched.Names)}, {asked.Role.ToString()},
                        {asked.RequestedBy}, {now}, {asked.Reason}, {stored.State.ToString()})
                """);
            await TellAsync(
                unit, "ApprovalRequested", $"approval {id}: {GuardedActs.NameOf(asked.Act)} of {asked.Name}", asked.RequestedBy, asked.Reason, asked.Touched);
            await unit.CommitAsync();
            return stored;
        },
        ct);

    /// <summary>Decides a request.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="judge">Why it may not be decided; null when it may.</param>
    /// <param name="isApproved">Else it is denied.</param>
    /// <param name="by">Whose account decides.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ApprovalWrite> DecideAsync(
        long id, Func<Approval, string?> judge, bool isApproved, string by, string reason, long term, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            if (!await LeadershipTable.HoldsAsync(unit, term))
                return new ApprovalWrite(IsTermOver: true, null, null, null);
            // The row of the counter keeps others out: two who decide at once do it one after the other.
            _ = await unit.NumberAsync($"update counter set value = value where name = 'approval' returning value");
            if ((await ReadApprovalsAsync(unit)).FirstOrDefault(a => a.Id == id) is not { } before)
                return new ApprovalWrite(false, null, null, null);
            if (judge(before) is { } problem)
                return new ApprovalWrite(false, problem, before, null);
            var after = before with
            {
                State = isApproved ? ApprovalState.Approved : ApprovalState.Denied,
                DecidedBy = by,
                DecidedAt = database.Now(),
                DecidedReason = reason,
            };
            await unit.ExecuteAsync(
                $"""
                update approval set state = {after.State.ToString()}, decided_by = {by}, decided_at = {after.DecidedAt}, decided_reason = {reason}
                where id = {id}
                """);
            var word = isApproved ? "approved" : "denied";
            await TellAsync(
                unit, isApproved ? "ApprovalGiven" : "ApprovalDenied",
                $"approval {id} {word}: {GuardedActs.NameOf(before.Act)} of {before.Name}, asked for by {before.RequestedBy}", by, reason, before.Touched);
            await unit.CommitAsync();
            return new ApprovalWrite(false, null, before, after);
        },
        ct);

    /// <summary>Uses an approval, once; of an act that is done in steps with each of them, as long as it may be used.</summary>
    /// <param name="wanted">Who asks for what.</param>
    /// <param name="isGood">Whether whoever approved still counts.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>It, as it was before; null when there is none.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<Approval?> TakeAsync(Approval wanted, Func<Approval, bool> isGood, long term, CancellationToken ct = default)
    {
        bool Fits(Approval known) => known.MayBeUsed(database.Now()) && IsSame(known, wanted) && isGood(known);
        switch ((await ReadApprovalsAsync(ct)).FirstOrDefault(Fits))
        {
            case null:
                return null;
            case { State: ApprovalState.Used } further:
                return further;
        }
        return await database.WriteAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return null;
                if ((await ReadApprovalsAsync(unit)).FirstOrDefault(Fits) is not { } found)
                    return null;
                if (found.State == ApprovalState.Used)
                    return found;
                if (await unit.ExecuteAsync($"update approval set state = 'Used' where id = {found.Id} and state = 'Approved'") == 0)
                    return null;
                await TellAsync(
                    unit, "ApprovalUsed", $"approval {found.Id} of {found.DecidedBy} used: {GuardedActs.NameOf(found.Act)} of {found.Name}", found.RequestedBy, "", found.Touched);
                await unit.CommitAsync();
                return found;
            },
            ct);
    }

    private static bool IsSame(Approval one, Approval other) => one.RequestedBy == other.RequestedBy && one.Act == other.Act
        && one.Digest == other.Digest && one.Fingerprint == other.Fingerprint;

    private Task<ImmutableArray<EventRecord>> TellAsync(
        UnitOfWork unit, string kind, string message, string actor, string reason, TouchedGroups? about = null) => EventTable.InsertAsync(
        unit, [new EventRecord { Kind = kind, Actor = actor, Group = about?.Names is [var group] ? group : "", Message = reason.Length > 0 ? $"{message}: {reason}" : message }], database.Now());

    // A newer control plane may have set a rule for an act that this one cannot do: it stays, and says nothing here.
    private static async Task<StoredPolicy> ReadPolicyAsync(UnitOfWork unit)
    {
        var rows = await unit.QueryAsync(
            $"select act, role, groups, demand, set_by, set_at, reason from guard_rule order by act",
            static row => (Name: row.Text(0), Rule: GuardedActs.FindStored(row.Text(0)) is not { } act ? null : new StoredRule(
                new(
                    act,
                    row.Text(1) is { Length: > 0 } role ? Enum.Parse<OperatorRole>(role) : null,
                    row.Text(2),
                    Enum.Parse<GuardDemand>(row.Text(3))),
                row.Text(4),
                row.Instant(5),
                row.Text(6))));
        return new(
            [
                .. rows.Select(row => row.Rule).OfType<StoredRule>()
                    .OrderBy(r => r.Rule.Act).ThenBy(r => r.Rule.Role).ThenBy(r => r.Rule.Groups, StringComparer.Ordinal),
            ],
            [.. rows.Where(row => row.Rule is null).Select(row => row.Name).Distinct(StringComparer.Ordinal)]);
    }

    // What only a newer control plane can do is nothing that this one could be asked for: it stays, and is not shown.
    private static async Task<ImmutableArray<Approval>> ReadApprovalsAsync(UnitOfWork unit) =>
    [
        .. (await unit.QueryAsync(
            $"""
            select id, act, digest, fingerprint, name, summary, is_everything, groups, role, requested_by, requested_at, reason,
                   state, decided_by, decided_at, decided_reason
            from approval order by id desc
            """,
            static row => GuardedActs.FindStored(row.Text(1)) is not { } act ? null : new Approval
            {
                Id = row.Long(0),
                Act = act,
                Digest = row.Text(2),
                Fingerprint = row.Text(3),
                Name = row.Text(4),
                Summary = row.Text(5),
                Touched = new(row.Long(6) != 0, [.. row.Text(7).Split(' ', StringSplitOptions.RemoveEmptyEntries)]),
                Role = Enum.Parse<OperatorRole>(row.Text(8)),
                RequestedBy = row.Text(9),
                RequestedAt = row.Instant(10),
                Reason = row.Text(11),
                State = Enum.Parse<ApprovalState>(row.Text(12)),
                DecidedBy = row.Text(13),
                DecidedAt = row.InstantOrNull(14),
                DecidedReason = row.Text(15),
            })).OfType<Approval>(),
    ];
}

/// <summary>The policy as it is stored.</summary>
/// <param name="Rules">By act, role and groups.</param>
/// <param name="UnknownActs">What other rules are about, which this version does not know: they are kept, and do not count. Sorted.</param>
internal sealed record StoredPolicy(ImmutableArray<StoredRule> Rules, ImmutableArray<string> UnknownActs);

/// <summary>A rule as it is stored.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="SetBy">Who set it.</param>
/// <param name="SetAt">When.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
internal sealed record StoredRule(GuardRule Rule, string SetBy, DateTimeOffset SetAt, string Reason);

/// <summary>How a change of the policy ended.</summary>
/// <param name="IsTermOver">True: the leadership was over, nothing was changed.</param>
/// <param name="Before">The rule before; null for none.</param>
/// <param name="After">The rule from now on; null for none.</param>
internal sealed record RuleWrite(bool IsTermOver, StoredRule? Before, StoredRule? After);

/// <summary>How a decision ended.</summary>
/// <param name="IsTermOver">True: the leadership was over, nothing was changed.</param>
/// <param name="Problem">Why nothing was changed; null when it was, or there is no such request.</param>
/// <param name="Before">The request before; null when there is none.</param>
/// <param name="After">The request from now on; null when nothing was changed.</param>
internal sealed record ApprovalWrite(bool IsTermOver, string? Problem, Approval? Before, Approval? After);
