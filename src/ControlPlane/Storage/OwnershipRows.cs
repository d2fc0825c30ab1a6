using System.Collections.Immutable;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The rows of owners and views, inside somebody's transaction.</summary>
internal static class OwnershipRows
{
    /// <summary>A new group's rows. An epoch and the numbers of views that an earlier group of that name left are kept, so that neither
    /// comes again; the views themselves only while its owner is to be feared (rule C11).</summary>
    public static async Task CreateAsync(UnitOfWork unit, string group, View first, string actor, DateTimeOffset now)
    {
        var floor = await FloorAsync(unit);
        DateTimeOffset? endedAt = floor > 0 ? now : null;
        var created = await unit.ExecuteAsync(
            $"""
            insert into ownership (group_name, owner, epoch, term, changed_at, reason, moved_by, ended_at)
            values ({group}, null, {floor}, 0, {now}, 'registered', {actor}, {endedAt}) on conflict (group_name) do nothing
            """);
        if (created == 1)
        {
            await AddViewAsync(unit, group, floor, first, 0, now);
            return;
        }
        await unit.ExecuteAsync($"update ownership set epoch = {floor} where group_name = {group} and ended_at is not null and epoch < {floor}");
        var former = (await ReadOneAsync(unit, group, new("")))!;
        var version = await unit.NumberAsync($"select max(version) from lease_view where group_name = {group}") ?? 0;
        await AddViewAsync(unit, group, former.Epoch, first with { Version = version + 1 }, 0, now);
        if (former.EndedAt is not null)
            await unit.ExecuteAsync($"delete from lease_view where group_name = {group} and version <= {version}");
    }

    /// <summary>Writes the first owner of a group that nobody of ours has owned. Promotions that are on their way are lost by it. A restored
    /// backup may know the group as one that nobody owns, although somebody did: its epochs are not given again either.</summary>
    public static async Task GiveAsync(UnitOfWork unit, FirstOwner first, string actor, DateTimeOffset now)
    {
        var floor = await FloorAsync(unit);
        await unit.ExecuteAsync(
            $"""
            update ownership set owner = {first.Host}, epoch = case when epoch < {floor} then {floor} else epoch end + 1, attempt = attempt + 1,
                term = {first.Term}, changed_at = {now}, reason = {first.Reason}, moved_by = {actor}, ended_at = null
            where group_name = {first.Group}
            """);
    }

    /// <summary>S4: an epoch that is far above the one before was given because a backup was restored. Groups that are registered from then on
    /// begin above it: of those of the same name that the backup lacks nobody may know any more.</summary>
    public static Task<int> RaiseFloorAsync(UnitOfWork unit, long epoch) =>
        unit.ExecuteAsync($"update counter set value = {epoch} where name = {EpochFloor} and value < {epoch}");

    private const string EpochFloor = "epoch_floor";

    private static async Task<long> FloorAsync(UnitOfWork unit) =>
        await unit.NumberAsync($"select value from counter where name = {EpochFloor}") ?? 0;

    /// <summary>Every group with its views.</summary>
    public static async Task<ImmutableArray<OwnershipRecord>> ReadAllAsync(UnitOfWork unit)
    {
        var views = (await unit.QueryAsync($"{SelectViews} order by group_name, version", MapView))
            .ToLookup(static v => v.Group, static v => v.View, StringComparer.Ordinal);
        var rows = await unit.QueryAsync($"{SelectOwnership}", MapOwnership);
        return [.. rows.Select(r => r with { Views = Current(views[r.Group]) }).OrderBy(static r => r.Group, StringComparer.Ordinal)];
    }

    /// <summary>One group with its views.</summary>
    public static async Task<OwnershipRecord?> ReadOneAsync(UnitOfWork unit, string group, RawSql lockClause)
    {
        var rows = await unit.QueryAsync($"{SelectOwnership} where group_name = {group}{lockClause}", MapOwnership);
        if (rows.Count == 0)
            return null;
        var views = await unit.QueryAsync($"{SelectViews} where group_name = {group} order by version", MapView);
        return rows[0] with { Views = Current(views.Select(static v => v.View)) };
    }

    /// <summary>In a write transaction: the group's epoch, which nobody else changes until its end.</summary>
    public static Task<long?> ReadEpochAsync(UnitOfWork unit, string group) =>
        unit.NumberAsync($"select epoch from ownership where group_name = {group}{unit.Dialect.LockRow}");

    /// <summary>Adds a view, or finds that it is there already; the caller holds the group's row.</summary>
    /// <returns>Null, or why not.</returns>
    public static async Task<OwnershipWrite?> AddViewAsync(
        UnitOfWork unit, string group, long epoch, View view, long term, DateTimeOffset now)
    {
        if (view.Length is { } length)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        var newest = await unit.NumberAsync($"select max(version) from lease_view where group_name = {group}") ?? 0;
        if (view.Version <= newest)
        {
            if (view.Version == newest && Same(view, await ReadViewAsync(unit, group, newest)))
                return null;
            return new(
                OwnershipOutcome.Lost,
                $"view {view.Version} of group '{group}' is not newer than its view {newest}");
        }

        await unit.ExecuteAsync(
            $"""
            insert into lease_view (group_name, version, epoch, members, length_ns, term, written_at, confirmed_at)
            values ({group}, {view.Version}, {epoch}, {StoredJson.Names(view.Members)}, {Nanoseconds(view.Length)}, {term}, {now}, null)
            """);
        return null;
    }

    /// <summary>Marks a view confirmed and forgets those before it; the caller holds the group's row.</summary>
    /// <returns>Null, or why not.</returns>
    public static async Task<OwnershipWrite?> ConfirmViewAsync(UnitOfWork unit, string group, long version, DateTimeOffset now)
    {
        var confirmed = await unit.NumberAsync(
            $"select max(version) from lease_view where group_name = {group} and confirmed_at is not null") ?? 0;
        if (version <= confirmed)
            return null;
        if (await unit.ExecuteAsync(
            $"update lease_view set confirmed_at = {now} where group_name = {group} and version = {version}") == 0)
        {
            return new(OwnershipOutcome.Lost, $"group '{group}' has no view {version}");
        }

        await unit.ExecuteAsync($"delete from lease_view where group_name = {group} and version < {version}");
        return null;
    }

    private static RawSql SelectOwnership { get; } =
        new("select group_name, owner, epoch, attempt, term, changed_at, reason, moved_by, ended_at from ownership");

    private static RawSql SelectViews { get; } =
        new("select group_name, version, epoch, members, length_ns, written_at, confirmed_at from lease_view");

    private static OwnershipRecord MapOwnership(Row row) => new(
        row.Text(0), row.TextOrNull(1), row.Long(2), row.Long(3), row.Long(4), row.Instant(5), row.Text(6), row.Text(7), [])
    {
        EndedAt = row.InstantOrNull(8),
    };

    private static (string Group, ViewRecord View) MapView(Row row) => (
        row.Text(0),
        new(
            new(row.Long(1), StoredJson.Names(row.Text(3)), Length(row.LongOrNull(4))),
            row.Long(2),
            row.Instant(5),
            row.InstantOrNull(6)));

    private static async Task<View> ReadViewAsync(UnitOfWork unit, string group, long version) => (await unit.QueryAsync(
        $"{SelectViews} where group_name = {group} and version = {version}", static row => MapView(row).View.View))[0];

    private static bool Same(View a, View b) => a.Length == b.Length && a.Members.SequenceEqual(b.Members);

    private static ImmutableArray<ViewRecord> Current(IEnumerable<ViewRecord> ascending)
    {
        var views = ascending.ToImmutableArray();
        var confirmed = views.LastOrDefault(static v => v.ConfirmedAt is not null)?.View.Version ?? 0;
        return [.. views.Where(v => v.View.Version >= confirmed)];
    }

    private static long? Nanoseconds(TimeSpan? length) => length is { } l ? checked(l.Ticks * 100) : null;

    private static TimeSpan? Length(long? nanoseconds) => nanoseconds is { } n ? new(n / 100) : null;
}
