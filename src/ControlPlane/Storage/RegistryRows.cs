using System.Collections.Immutable;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The rows of hosts, groups and programs, read inside somebody's transaction.</summary>
internal static class RegistryRows
{
    /// <summary>The configuration revision.</summary>
    public static Task<long> ReadRevisionAsync(UnitOfWork unit) => ReadRevisionAsync(unit, new(""));

    /// <summary>The configuration revision, which nobody else changes until the transaction's end.</summary>
    public static Task<long> LockRevisionAsync(UnitOfWork unit) => ReadRevisionAsync(unit, unit.Dialect.LockRow);

    /// <summary>Raises the configuration revision.</summary>
    public static async Task<long> RaiseRevisionAsync(UnitOfWork unit) =>
        Present(await unit.NumberAsync($"update counter set value = value + 1 where name = 'configuration' returning value"));

    /// <summary>Every host.</summary>
    public static async Task<ImmutableArray<RegisteredHost>> ReadHostsAsync(UnitOfWork unit)
    {
        var hosts = await unit.QueryAsync(
            $"select spec, revision, created_at, updated_at, drained_by, drained_at, drained_reason, retiring_by, retiring_at, retiring_reason from host",
            static row => new RegisteredHost(
                StoredJson.Host(row.Text(0)),
                row.Long(1),
                row.Instant(2),
                row.Instant(3),
                row.InstantOrNull(5) is { } at ? new(row.Text(4), at, row.Text(6)) : null)
            {
                Retirement = row.InstantOrNull(8) is { } retiring ? new(row.Text(7), retiring, row.Text(9)) : null,
            });
        return [.. hosts.OrderBy(static h => h.Spec.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every group.</summary>
    public static async Task<ImmutableArray<RegisteredGroup>> ReadGroupsAsync(UnitOfWork unit)
    {
        var groups = await unit.QueryAsync(
            $"select spec, revision, created_at, updated_at, retiring_by, retiring_at, retiring_reason from host_group",
            static row => new RegisteredGroup(StoredJson.Group(row.Text(0)), row.Long(1), row.Instant(2), row.Instant(3))
            {
                Retirement = row.InstantOrNull(5) is { } at ? new(row.Text(4), at, row.Text(6)) : null,
            });
        return [.. groups.OrderBy(static g => g.Spec.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every host that was deleted and not registered again.</summary>
    public static async Task<ImmutableDictionary<string, DeletedHost>> ReadDeletedHostsAsync(UnitOfWork unit) =>
        (await unit.QueryAsync(
            $"select name, deleted_by, deleted_at from deleted_host", static row => (Name: row.Text(0), Host: new DeletedHost(row.Text(1), row.Instant(2)))))
        .ToImmutableDictionary(static h => h.Name, static h => h.Host, StringComparer.Ordinal);

    /// <summary>Every lock.</summary>
    public static async Task<ImmutableArray<OperatorLock>> ReadLocksAsync(UnitOfWork unit)
    {
        var locks = await unit.QueryAsync(
            $"select scope, name, locked_by, locked_at, reason, expires_at from operator_lock",
            static row => new OperatorLock(
                new(Enum.Parse<LockScope>(row.Text(0)), row.Text(1)), row.Text(2), row.Instant(3), row.Text(4), row.InstantOrNull(5)));
        return [.. locks.OrderBy(static l => l.Target.Scope).ThenBy(static l => l.Target.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every program.</summary>
    public static async Task<ImmutableArray<RegisteredProgram>> ReadProgramsAsync(UnitOfWork unit)
    {
        var programs = await unit.QueryAsync(
            $"""
            select spec, desired_state, restart_generation, revision, created_at, updated_at,
                   desired_by, desired_at, desired_reason
            from program
            """,
            static row => new RegisteredProgram(
                StoredJson.Program(row.Text(0), row.Text(1), row.Long(2)),
                row.Long(3),
                row.Instant(4),
                row.Instant(5),
                new(row.Text(6), row.Instant(7), row.Text(8))));
        return
        [
            .. programs.OrderBy(static p => p.Spec.Name.Group, StringComparer.Ordinal)
                .ThenBy(static p => p.Spec.Name.Name, StringComparer.Ordinal),
        ];
    }

    private static async Task<long> ReadRevisionAsync(UnitOfWork unit, RawSql lockClause) =>
        Present(await unit.NumberAsync($"select value from counter where name = 'configuration'{lockClause}"));

    private static long Present(long? revision) =>
        revision ?? throw new InvalidOperationException("the counter 'configuration' is missing");
}
