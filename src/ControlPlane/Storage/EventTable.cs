using System.Collections.Immutable;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The history: written in the transaction of what it tells, never changed.</summary>
internal sealed class EventTable(Database database)
{
    /// <summary>Stores events, all or none; one whose <see cref="EventRecord.SourceId"/> is known already is left out.</summary>
    /// <returns>What was stored, with numbers and times.</returns>
    /// <exception cref="StorageException">The database failed; storing again is safe for events with a source id.</exception>
    public Task<ImmutableArray<EventRecord>> AppendAsync(
        IReadOnlyCollection<EventRecord> events, CancellationToken ct = default) =>
        database.WriteAsync(
            async unit =>
            {
                var stored = await InsertAsync(unit, events, database.Now());
                if (stored.Length > 0)
                    await unit.CommitAsync();
                return stored;
            },
            ct);

    /// <summary>The newest events that match, oldest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ImmutableArray<EventRecord>> ReadNewestAsync(
        EventFilter filter, int limit, CancellationToken ct = default)
    {
        var events = await ReadAsync(filter, new("desc"), limit, ct);
        events.Reverse();
        return [.. events];
    }

    /// <summary>The oldest events that match, oldest first: what follows <see cref="EventFilter.AfterId"/> without a
    /// gap, for a reader that follows the history.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ImmutableArray<EventRecord>> ReadNextAsync(
        EventFilter filter, int limit, CancellationToken ct = default) =>
        [.. await ReadAsync(filter, new("asc"), limit, ct)];

    /// <summary>Inside a write transaction, as its last statements: the events' numbers are kept from others until its end.</summary>
    public static async Task<ImmutableArray<EventRecord>> InsertAsync(
        UnitOfWork unit, IEnumerable<EventRecord> events, DateTimeOffset now)
    {
        var stored = ImmutableArray.CreateBuilder<EventRecord>();
        EventRecord[] drafts = [.. events.Select(Storable)];
        if (drafts.Length > 1 && drafts.All(static e => e.SourceId is null))
        {
            stored.AddRange(await InsertNewAsync(unit, drafts, now));
            drafts = [];
        }
        foreach (var draft in drafts)
        {
            // First the counter: its row lock makes the look for a known source id conclusive.
            var id = await unit.NumberAsync($"update counter set value = value + 1 where name = 'event' returning value")
                ?? throw new InvalidOperationException("the counter 'event' is missing");
            if (draft.SourceId is { } source
                && await unit.NumberAsync($"select id from event where source_id = {source}") is not null)
            {
                await unit.ExecuteAsync($"update counter set value = value - 1 where name = 'event'");
                continue;
            }

            var e = draft with { Id = id, At = draft.At == default ? now : Database.WholeMicroseconds(draft.At) };
            await InsertAsync(unit, [e]);
            stored.Add(e);
        }

        if (stored.Count > 0)
            await unit.NotifyAsync(ChangeTopic.History);
        return stored.ToImmutable();
    }

    // None of them can be known already: their numbers are taken at once.
    private static async Task<EventRecord[]> InsertNewAsync(UnitOfWork unit, EventRecord[] drafts, DateTimeOffset now)
    {
        var last = await unit.NumberAsync($"update counter set value = value + {drafts.Length} where name = 'event' returning value")
            ?? throw new InvalidOperationException("the counter 'event' is missing");
        EventRecord[] numbered =
        [
            .. drafts.Select((e, i) => e with { Id = last - drafts.Length + 1 + i, At = e.At == default ? now : Database.WholeMicroseconds(e.At) }),
        ];
        foreach (var chunk in numbered.Chunk(unit.Dialect.RowsAtOnce))
            await InsertAsync(unit, chunk);
        return numbered;
    }

    private static Task<int> InsertAsync(UnitOfWork unit, EventRecord[] events)
    {
        var rows = Statement.Rows(events.Select(e => (Statement)
            $"({e.Id}, {e.At}, {e.Kind}, {e.Group}, {e.Host}, {e.Program}, {e.Epoch}, {e.Message}, {e.Actor}, {StoredJson.Steps(e.Steps)}, {e.SourceId})"));
        return unit.ExecuteAsync($"insert into event (id, at, kind, group_name, host, program, epoch, message, actor, steps, source_id) values {rows}");
    }

    private static EventRecord Storable(EventRecord e) => e with
    {
        Kind = ForeignText.Visible(e.Kind),
        Group = ForeignText.Visible(e.Group),
        Host = ForeignText.Visible(e.Host),
        Program = ForeignText.Visible(e.Program),
        Message = ForeignText.Visible(e.Message),
        Actor = ForeignText.Visible(e.Actor),
        SourceId = e.SourceId is null ? null : ForeignText.Visible(e.SourceId),
        Steps = [.. e.Steps.Select(s => s with { Name = ForeignText.Visible(s.Name), Error = ForeignText.Visible(s.Error) })],
    };

    private Task<List<EventRecord>> ReadAsync(EventFilter filter, RawSql order, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.ReadAsync(unit => unit.QueryAsync(Select(filter, order, limit), Map), ct);
    }

    private static Statement Select(EventFilter filter, RawSql order, int limit)
    {
        var group = When(filter.Group is not null, $" and group_name = {filter.Group}");
        var host = When(filter.Host is not null, $" and host = {filter.Host}");
        var program = When(filter.Program is not null, $" and program = {filter.Program}");
        var since = When(filter.Since is not null, $" and at >= {Database.WholeMicroseconds(filter.Since ?? default)}");
        var kinds = filter.Kinds.IsEmpty
            ? new Statement(0, 0)
            : filter.Kinds.Skip(1).Aggregate<string, Statement>($" and (kind = {filter.Kinds[0]}", (all, kind) => $"{all} or kind = {kind}");
        var closed = When(!filter.Kinds.IsEmpty, $")");
        return $"""
            select id, at, kind, group_name, host, program, epoch, message, actor, steps, source_id
            from event where id > {filter.AfterId}{group}{host}{program}{since}{kinds}{closed} order by id {order} limit {limit}
            """;
    }

    private static Statement When(bool wanted, Statement condition) => wanted ? condition : new(0, 0);

    private static EventRecord Map(Row row) => new()
    {
        Id = row.Long(0),
        At = row.Instant(1),
        Kind = row.Text(2),
        Group = row.Text(3),
        Host = row.Text(4),
        Program = row.Text(5),
        Epoch = row.Long(6),
        Message = row.Text(7),
        Actor = row.Text(8),
        Steps = StoredJson.Steps(row.Text(9)),
        SourceId = row.TextOrNull(10),
    };
}
