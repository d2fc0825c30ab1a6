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
        async unit =>
        {
            var now = await unit.Dialect.ReadIdentityAsync(unit);
            return (await unit.QueryAsync(
                $"select term, holder, counter, taken_at, address, system_identifier, timeline from leadership where id = 1",
                row => new Leadership(
                    row.Long(0), row.Text(1), row.Long(2), row.InstantOrNull(3), row.Text(4), new(row.TextOrNull(5), row.LongOrNull(6)), now)))[0];
        },
        ct);

    /// <summary>Takes the leadership if the row still has the given term and counter.</summary>
    /// <param name="expectedTerm">The term that was seen standing still.</param>
    /// <param name="expectedCounter">The counter that was seen standing still.</param>
    /// <param name="holder">Who takes it, for operators; not empty.</param>
    /// <param name="address">URL under which agents and hactl reach it; empty when nobody knows.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The new term, or null when somebody else renewed or took it.</returns>
    /// <exception cref="StorageException">The database failed; the leadership must be taken as not held.</exception>
    public Task<long?> TakeAsync(
        long expectedTerm, long expectedCounter, string holder, string address = "", CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(holder);
        return database.WriteAsync(
            async unit =>
            {
                var (system, timeline) = await unit.Dialect.ReadIdentityAsync(unit);
                var term = await unit.NumberAsync(
                    $"""
                    update leadership set term = term + 1, holder = {holder}, counter = counter + 1, taken_at = {database.Now()},
                        address = {address}, system_identifier = {system}, timeline = {timeline}
                    where id = 1 and term = {expectedTerm} and counter = {expectedCounter} returning term
                    """);
                if (term is null)
                    return term;
                await unit.NotifyAsync(ChangeTopic.Leadership);
                await unit.CommitAsync();
                return term;
            },
            ct);
    }

    /// <summary>Raises the counter while the term is still held.</summary>
    /// <param name="term">The term.</param>
    /// <param name="atLeast">The counter is at least this afterwards: after a restore it stands above every epoch that was given (rule S4).</param>
    /// <param name="hereOnly">True: does not wait for standbys, so that losing one costs no leadership. A promoted standby may
    /// then lack the newest renewals; whoever sees that the database is another one has to begin its wait anew.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The counter; null when the term is over: stop leading at once.</returns>
    /// <exception cref="StorageException">The database failed; the leader's own end stands as it was.</exception>
    public Task<long?> RenewAsync(long term, long atLeast = 0, bool hereOnly = false, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            if (hereOnly)
                await unit.Dialect.CommitHereAsync(unit);
            var counter = await unit.NumberAsync(
                $"""
                update leadership set counter = case when counter + 1 < {atLeast} then {atLeast} else counter + 1 end
                where id = 1 and term = {term} and holder <> '' returning counter
                """);
            if (counter is not null)
                await unit.CommitAsync();
            return counter;
        },
        ct);

    /// <summary>Gives the leadership up, so that a challenger need not wait.</summary>
    /// <returns>False when the term was over already.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<bool> ReleaseAsync(long term, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            if (await unit.ExecuteAsync(
                $"update leadership set holder = '', counter = counter + 1 where id = 1 and term = {term} and holder <> ''") == 0)
            {
                return false;
            }
            await unit.NotifyAsync(ChangeTopic.Leadership);
            await unit.CommitAsync();
            return true;
        },
        ct);

    /// <summary>Inside a write transaction: true when the term is held, and then it stays so until the commit.</summary>
    public static async Task<bool> HoldsAsync(UnitOfWork unit, long term) => await unit.NumberAsync(
        $"select term from leadership where id = 1 and term = {term} and holder <> ''{unit.Dialect.KeepKey}") is not null;
}

/// <summary>Who leads.</summary>
/// <param name="Term">Raised with every change of leader; every ownership write names it. 0: nobody ever led.</param>
/// <param name="Holder">The leader, for operators; empty when released: may be taken at once.</param>
/// <param name="Counter">Raised with every renewal, take and release.</param>
/// <param name="TakenAt">When it was taken, by the taker's wall clock: for display only.</param>
/// <param name="Address">URL of the leader; empty when nobody knows.</param>
/// <param name="TakenIn">The database in which it was taken (rule S4).</param>
/// <param name="ReadIn">The database that has answered.</param>
internal sealed record Leadership(
    long Term,
    string Holder,
    long Counter,
    DateTimeOffset? TakenAt,
    string Address,
    DatabaseIdentity TakenIn,
    DatabaseIdentity ReadIn);
