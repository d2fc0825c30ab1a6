using System.Collections.Immutable;
using HaGrpc.Core.Access;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Operators' accounts. Every change names the leadership's term, and has an event in its transaction.</summary>
internal sealed class OperatorTable(Database database)
{
    /// <summary>All accounts, by name.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<StoredOperator>> ReadAsync(CancellationToken ct = default) => database.ReadAsync(ReadAllAsync, ct);

    /// <summary>Adds an account.</summary>
    /// <param name="added">It.</param>
    /// <param name="judge">Why it cannot be added to those that there are; null when it can.</param>
    /// <param name="term">The leadership that must be held.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>What the judge said, and the accounts before.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<OperatorWrite> AddAsync(
        StoredOperator added, Func<ImmutableArray<StoredOperator>, string?> judge, long term, string reason, CancellationToken ct = default) =>
        ChangeAsync(
            judge,
            term,
            async unit =>
            {
                var a = added.Account;
                await unit.ExecuteAsync(
                    $"""
                    insert into operator_account (name, kind, role, groups, token_id, token_hash, created_by, created_at, expires_at, state)
                    values ({a.Name}, {a.Kind.ToString()}, {a.Role.ToString()}, {string.Join(' ', a.Groups)}, {added.TokenId}, {added.TokenHash},
                            {added.CreatedBy}, {added.CreatedAt}, {a.ExpiresAt}, {StateOf(a)})
                    """);
                return Told("OperatorAdded", $"{a} is an operator now, by {(a.Kind == AccountKind.Token ? "a token" : "certificate")}", added.CreatedBy, reason);
            },
            ct);

    /// <summary>Disables an account, or ends that.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<OperatorWrite> SetDisabledAsync(
        string name, bool disabled, Func<ImmutableArray<StoredOperator>, string?> judge, long term, string actor, string reason,
        CancellationToken ct = default) => ChangeAsync(
            judge,
            term,
            async unit =>
            {
                var state = disabled ? Disabled : Enabled;
                await unit.ExecuteAsync($"update operator_account set state = {state} where name = {name}");
                return Told(disabled ? "OperatorDisabled" : "OperatorEnabled", $"the operator {name} is {state}", actor, reason);
            },
            ct);

    /// <summary>Removes an account.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<OperatorWrite> RemoveAsync(
        string name, Func<ImmutableArray<StoredOperator>, string?> judge, long term, string actor, string reason, CancellationToken ct = default) =>
        ChangeAsync(
            judge,
            term,
            async unit =>
            {
                await unit.ExecuteAsync($"delete from operator_account where name = {name}");
                return Told("OperatorRemoved", $"{name} is no operator any more", actor, reason);
            },
            ct);

    private const string Enabled = "enabled", Disabled = "disabled";

    // The configuration's revision keeps others out: who is the last admin is looked at and changed as one.
    private Task<OperatorWrite> ChangeAsync(
        Func<ImmutableArray<StoredOperator>, string?> judge, long term, Func<UnitOfWork, Task<EventRecord>> change, CancellationToken ct) =>
        database.WriteAsync(
            async unit =>
            {
                if (!await LeadershipTable.HoldsAsync(unit, term))
                    return new OperatorWrite(IsTermOver: true, null, []);
                _ = await RegistryRows.LockRevisionAsync(unit);
                var before = await ReadAllAsync(unit);
                if (judge(before) is { } problem)
                    return new OperatorWrite(false, problem, before);
                var line = await change(unit);
                await EventTable.InsertAsync(unit, [line], database.Now());
                await unit.CommitAsync();
                return new OperatorWrite(false, null, before);
            },
            ct);

    private static EventRecord Told(string kind, string message, string actor, string reason) =>
        new() { Kind = kind, Actor = actor, Message = reason.Length > 0 ? $"{message}: {reason}" : message };

    private static string StateOf(OperatorAccount account) => account.IsDisabled ? Disabled : Enabled;

    private static async Task<ImmutableArray<StoredOperator>> ReadAllAsync(UnitOfWork unit) =>
    [
        .. await unit.QueryAsync(
            $"select name, kind, role, groups, token_id, token_hash, created_by, created_at, expires_at, state from operator_account order by name",
            static row => new StoredOperator(
                new(
                    row.Text(0),
                    Enum.Parse<AccountKind>(row.Text(1)),
                    Enum.Parse<OperatorRole>(row.Text(2)),
                    [.. row.Text(3).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                    row.InstantOrNull(8),
                    row.Text(9) != Enabled),
                row.TextOrNull(4),
                row.TextOrNull(5),
                row.Text(6),
                row.Instant(7))),
    ];
}

/// <summary>An account as it is stored.</summary>
/// <param name="Account">Who, and what they may do.</param>
/// <param name="TokenId">What a token of it begins with; null for none.</param>
/// <param name="TokenHash">SHA-256 of the token's secret, in hexadecimal; null for none.</param>
/// <param name="CreatedBy">Who added it.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record StoredOperator(
    OperatorAccount Account, string? TokenId, string? TokenHash, string CreatedBy, DateTimeOffset CreatedAt);

/// <summary>How a change of the accounts ended.</summary>
/// <param name="IsTermOver">True: the leadership was over, nothing was changed.</param>
/// <param name="Problem">Why nothing was changed; null when it was.</param>
/// <param name="Before">The accounts before.</param>
internal sealed record OperatorWrite(bool IsTermOver, string? Problem, ImmutableArray<StoredOperator> Before);
