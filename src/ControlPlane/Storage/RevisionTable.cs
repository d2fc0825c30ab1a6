using System.Collections.Immutable;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>What was changed of the registry, revision by revision: written in the transaction of the change, never changed, never removed.</summary>
internal sealed class RevisionTable(Database database)
{
    /// <summary>The newest revisions, newest first.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<Revision>> ReadNewestAsync(int limit, CancellationToken ct = default) => database.ReadAsync(
        async unit =>
        {
            var heads = await unit.QueryAsync(
                $"select number, at, actor, cause from revision order by number desc limit {limit}",
                static row => new Revision(row.Long(0), row.Instant(1), row.Text(2), row.Text(3), []));
            var oldest = heads.Count == 0 ? 0 : heads[^1].Number;
            var changes = (await ChangesAsync(unit, oldest - 1)).ToLookup(c => c.Number, c => c.Change);
            return (ImmutableArray<Revision>)[.. heads.Select(head => head with { Changes = [.. changes[head.Number]] })];
        },
        ct);

    /// <summary>What was changed after a revision, oldest first.</summary>
    /// <returns>Null when there is no such revision.</returns>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<ImmutableArray<RevisionChange>?> ReadAfterAsync(long number, CancellationToken ct = default) => database.ReadAsync(
        async unit => await unit.NumberAsync($"select number from revision where number = {number}") is null
            ? null
            : (ImmutableArray<RevisionChange>?)[.. (await ChangesAsync(unit, number)).Select(c => c.Change)],
        ct);

    /// <summary>Inside the transaction of the change.</summary>
    public static async Task InsertAsync(UnitOfWork unit, Revision revision, long before)
    {
        // What was registered before revisions were kept can be had again, too: it needs a number.
        if (before > 0 && await unit.NumberAsync($"select max(number) from revision") is null)
        {
            await unit.ExecuteAsync(
                $"insert into revision (number, at, actor, cause) values ({before}, {revision.At}, '', 'registered before revisions were kept')");
        }
        await unit.ExecuteAsync(
            $"insert into revision (number, at, actor, cause) values ({revision.Number}, {revision.At}, {revision.Actor}, {revision.Cause})");
        foreach (var changes in revision.Changes.Chunk(unit.Dialect.RowsAtOnce))
        {
            var rows = Statement.Rows(changes.Select(c => (Statement)$"({revision.Number}, {c.Object}, {Json(c.Before)}, {Json(c.After)})"));
            await unit.ExecuteAsync($"insert into revision_change (revision, object_name, spec_before, spec_after) values {rows}");
        }
    }

    private static async Task<IEnumerable<(long Number, RevisionChange Change)>> ChangesAsync(UnitOfWork unit, long after)
    {
        var changes = await unit.QueryAsync(
            $"select revision, object_name, spec_before, spec_after from revision_change where revision > {after}",
            static row => (row.Long(0), new RevisionChange(row.Text(1), row.TextOrNull(2), row.TextOrNull(3))));
        return changes.OrderBy(c => c.Item1).ThenBy(c => c.Item2.Object, StringComparer.Ordinal);
    }

    private static JsonText? Json(string? document) => document is null ? null : new JsonText(document);
}
