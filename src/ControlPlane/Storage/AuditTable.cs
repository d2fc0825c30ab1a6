using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Core.Audit;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The audit: entries without a gap, each with the hash of the one before it, never changed (docs/adr/0030).</summary>
internal sealed class AuditTable(Database database)
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Stores an entry as the newest one. An end that is stored already is not stored again.</summary>
    /// <param name="draft">The entry; number, time (when it has none) and hashes are given here.</param>
    /// <param name="term">The leadership that must be held; null when none is needed.</param>
    /// <param name="ct">Cancels before the commit; never during it.</param>
    /// <returns>The entry; null when the leadership is over: nothing was stored then.</returns>
    /// <exception cref="StorageException">The database failed. Asking again is safe for an end.</exception>
    public Task<AuditEntry?> AppendAsync(AuditEntry draft, long? term, CancellationToken ct = default) => database.WriteAsync(
        async unit =>
        {
            if (term is { } held && !await LeadershipTable.HoldsAsync(unit, held))
                return null;
            // The counter's row lock keeps others out from here to the commit: whoever reads the newest entry now chains to it alone.
            var id = await unit.NumberAsync($"update counter set value = value + 1 where name = 'audit' returning value")
                ?? throw new InvalidOperationException("the counter 'audit' is missing");
            if (draft.Kind == AuditEntry.Ended && (await EndsOfAsync(unit, draft.CallId)).FirstOrDefault() is { } known)
                return known;
            // Somebody may have removed the entry before. This one is stored all the same, and whoever verifies finds the gap.
            var previous = (await unit.QueryAsync($"select hash from audit where id = {id - 1}", static row => row.Text(0)))
                .FirstOrDefault(AuditHash.Origin);
            var entry = Storable(draft) with
            {
                Id = id,
                At = draft.At.Length > 0 ? draft.At : Text(database.Now()),
                Term = term ?? draft.Term,
                PreviousHash = previous,
            };
            entry = entry with { Hash = AuditHash.Of(entry) };
            await InsertAsync(unit, entry);
            await unit.CommitAsync();
            return (AuditEntry?)entry;
        },
        ct);

    /// <summary>The newest entry.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<AuditHead> ReadHeadAsync(CancellationToken ct = default) => database.ReadAsync(
        static async unit =>
        {
            var count = await unit.NumberAsync($"select value from counter where name = 'audit'") ?? 0;
            var rows = await unit.QueryAsync($"select id, hash from audit order by id desc limit 1", static row => new AuditHead(row.Long(0), row.Text(1)));
            var newest = rows.Count == 0 ? AuditHead.None : rows[0];
            // What was written and is gone is to be missed by whoever compares.
            return newest.Id >= count ? newest : new(count, "");
        },
        ct);

    /// <summary>The oldest entries that match, oldest first: what follows a number without a gap.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="afterId">Only those with a higher number.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ImmutableArray<AuditEntry>> ReadNextAsync(
        AuditFilter filter, long afterId, int limit, CancellationToken ct = default) =>
        [.. await ReadAsync(filter, afterId, new("asc"), limit, ct)];

    /// <summary>The newest entries that match, oldest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task<ImmutableArray<AuditEntry>> ReadNewestAsync(AuditFilter filter, int limit, CancellationToken ct = default)
    {
        var entries = await ReadAsync(filter, 0, new("desc"), limit, ct);
        entries.Reverse();
        return [.. entries];
    }

    private Task<List<AuditEntry>> ReadAsync(AuditFilter filter, long afterId, RawSql order, int limit, CancellationToken ct) =>
        database.ReadAsync(unit => unit.QueryAsync($"{Select(filter, afterId)} order by id {order} limit {limit}", Map), ct);

    private static Statement Select(AuditFilter filter, long afterId)
    {
        // As it stands in the audit, or as people are shown it.
        var (name, subject) = ActorName.Stored(filter.Actor);
        var actor = When(filter.Actor.Length > 0, $" and actor in ({name}, {subject})");
        // Letters and a slash, nothing else: no pattern's special character is in it.
        var begun = filter.Call.ToLowerInvariant() + '%';
        var call = When(filter.Call.Length > 0, $" and (lower(call) like {begun} or lower(call) like {"%/" + begun})");
        // Replacing is how both databases look for a text without a pattern's special characters.
        var line = '\n' + filter.Object + '\n';
        var about = When(filter.Object.Length > 0, $" and replace(objects, {line}, '') <> objects");
        var result = filter.Result == AuditFilter.Failed
            ? When(true, $" and result <> '' and result <> {AuditEntry.Ok}")
            : When(filter.Result.Length > 0, $" and result = {filter.Result}");
        var since = When(filter.Since is not null, $" and at >= {Database.WholeMicroseconds(filter.Since ?? default)}");
        var until = When(filter.Until is not null, $" and at < {Database.WholeMicroseconds(filter.Until ?? default)}");
        var calls = When(
            filter.Calls, $" and (kind <> {AuditEntry.Asked} or not exists (select 1 from audit e where e.call_id = audit.id))");
        return $"{Columns} where id > {afterId}{actor}{call}{about}{result}{since}{until}{calls}";
    }

    private static Statement Columns =>
        $"""
        select id, at, kind, call_id, term, actor, actor_kind, address, call, objects, request, changes, answer, result, detail, reason,
            previous_hash, hash
        from audit
        """;

    private static Task<List<AuditEntry>> EndsOfAsync(UnitOfWork unit, long callId) =>
        unit.QueryAsync($"{Columns} where call_id = {callId} and kind = {AuditEntry.Ended}", Map);

    private static Task<int> InsertAsync(UnitOfWork unit, AuditEntry e) => unit.ExecuteAsync(
        $"""
        insert into audit (id, at, kind, call_id, term, actor, actor_kind, address, call, objects, request, changes, answer, result, detail,
                           reason, previous_hash, hash)
        values ({e.Id}, {Instant(e.At)}, {e.Kind}, {e.CallId}, {e.Term}, {e.Actor}, {e.ActorKind}, {e.Address}, {e.Call}, {Lines(e.Objects)},
                {e.Request}, {e.Changes}, {e.Answer}, {e.Result}, {e.Detail}, {e.Reason}, {e.PreviousHash}, {e.Hash})
        """);

    private static Statement When(bool wanted, Statement condition) => wanted ? condition : new(0, 0);

    /// <summary>An instant as an entry has it.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string at) => DateTimeOffset.ParseExact(
        at, InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static string Lines(ImmutableArray<string> objects) => objects.IsEmpty ? "" : $"\n{string.Join('\n', objects)}\n";

    // JSON has no control characters of its own; what operators and strangers bring may.
    private static AuditEntry Storable(AuditEntry draft) => draft with
    {
        Actor = ForeignText.Visible(draft.Actor),
        Address = ForeignText.Visible(draft.Address),
        Objects = [.. draft.Objects.Select(ForeignText.Visible)],
        Detail = ForeignText.Visible(draft.Detail),
        Reason = ForeignText.Visible(draft.Reason),
    };

    private static AuditEntry Map(Row row) => new()
    {
        Id = row.Long(0),
        At = Text(row.Instant(1)),
        Kind = row.Text(2),
        CallId = row.Long(3),
        Term = row.Long(4),
        Actor = row.Text(5),
        ActorKind = row.Text(6),
        Address = row.Text(7),
        Call = row.Text(8),
        Objects = [.. row.Text(9).Split('\n', StringSplitOptions.RemoveEmptyEntries)],
        Request = row.Text(10),
        Changes = row.Text(11),
        Answer = row.Text(12),
        Result = row.Text(13),
        Detail = row.Text(14),
        Reason = row.Text(15),
        PreviousHash = row.Text(16),
        Hash = row.Text(17),
    };
}

/// <summary>Which entries of the audit to read; what is empty or null does not restrict.</summary>
internal sealed record AuditFilter
{
    /// <summary>The <see cref="Result"/> that stands for all but OK.</summary>
    public const string Failed = "failed";

    /// <summary>Of this actor.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Of this call: <c>AdminService/Apply</c>, or <c>Apply</c> of any service. Letters and a slash only.</summary>
    public string Call { get; init; } = "";

    /// <summary>About this object.</summary>
    public string Object { get; init; } = "";

    /// <summary>With this result, or <see cref="Failed"/>.</summary>
    public string Result { get; init; } = "";

    /// <summary>Not earlier.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Earlier.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>True: of a call that has ended only the end.</summary>
    public bool Calls { get; init; }
}
