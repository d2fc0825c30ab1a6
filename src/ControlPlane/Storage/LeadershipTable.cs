namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// The row that says which control plane leads (rule S3). It holds no wall-clock deadline: a challenger watches the
/// counter stand still on its own CLOCK_BOOTTIME.
/// </summary>
internal sealed class LeadershipTable(Database database)
{
    /// <summary>The row as it stands.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<Leadership> ReadAsync(CancellationToken ct = default) => database.ReadAsync(
        async unit => (await unit.QueryAsync(
            $"select term, holder, counter, taken_at from leadership where id = 1",
            static row => new Leadership(row.Long(0), row.Text(1), row.Long(2), row.InstantOrNull(3))))[0],
        ct);

    /// <summary>Takes the leadership if the row still has the given term and counter.</summary>
    /// <param name="expectedTerm">The term that was seen standing still.</param>
    /// <param name="expectedCounter">The counter that was seen standing still.</param>
    /// <param name="holder">Who takes it, for operators; not empty.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The new term, or null when somebody else renewed or took it.</returns>
    /// <exception cref="StorageException">The database failed; the leadership must be taken as not held.</exception>
    public Task<long?> TakeAsync(
        long expectedTerm, long expectedCounter, string holder, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(holder);
        return database.WriteAsync(
            async unit =>
            {
                var term = await unit.NumberAsync(
                    $"""
                    update leadership set term = term + 1, holder = {holder}, counter = counter + 1, taken_at = {database.Now()}
                    where id = 1 and term = {expectedTerm} and counter = {expectedCounter} returning term
                    """);
                if (term is not null)
                    await unit.CommitAsync();
                return term;
            },
            ct);
    }

    /// <summary>Raises the counter while the term is still held.</summary>
    /// <returns>False when the term is over: stop leading at once.</returns>
    /// <exception cref="StorageException">The database failed; the leader's own end stands as it was.</exception>
    public Task<bool> RenewAsync(long term, CancellationToken ct = default) => ChangeAsync(
        $"update leadership set counter = counter + 1 where id = 1 and term = {term} and holder <> ''", ct);

    /// <summary>Gives the leadership up, so that a challenger need not wait.</summary>
    /// <returns>False when the term was over already.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<bool> ReleaseAsync(long term, CancellationToken ct = default) => ChangeAsync(
        $"update leadership set holder = '', counter = counter + 1 where id = 1 and term = {term} and holder <> ''", ct);

    /// <summary>Inside a write transaction: true when the term is held, and then it stays so until the commit.</summary>
    public static async Task<bool> HoldsAsync(UnitOfWork unit, long term) => await unit.NumberAsync(
        $"select term from leadership where id = 1 and term = {term} and holder <> ''{unit.Dialect.KeepKey}") is not null;

    private Task<bool> ChangeAsync(Statement statement, CancellationToken ct) => database.WriteAsync(
        async unit =>
        {
            if (await unit.ExecuteAsync(statement) == 0)
                return false;
            await unit.CommitAsync();
            return true;
        },
        ct);
}

/// <summary>Who leads.</summary>
/// <param name="Term">Raised with every change of leader; every ownership write names it. 0: nobody ever led.</param>
/// <param name="Holder">The leader, for operators; empty when released: may be taken at once.</param>
/// <param name="Counter">Raised with every renewal, take and release.</param>
/// <param name="TakenAt">When it was taken, by the taker's wall clock: for display only.</param>
internal sealed record Leadership(long Term, string Holder, long Counter, DateTimeOffset? TakenAt);
