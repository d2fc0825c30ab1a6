using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// The database: rows that change by compare-and-swap, after a while. A commit may take effect although its answer is lost,
/// and may take effect late, until a newer term or a closed attempt forbids it.
/// </summary>
internal sealed class SimDatabase
{
    private readonly Dictionary<string, Row> _rows = [];

    public long Term { get; private set; }

    public IEnumerable<Group> Groups => _rows.Values.Select(r => r.Group);

    public long TakeLeadership() => ++Term;

    public void Register(Group group)
    {
        if (_rows.TryGetValue(group.Name, out var row))
            row.Group = group;
        else
            _rows[group.Name] = new Row(group);
    }

    public Row Of(string group) => _rows[group];

    public ImmutableArray<StoredGroup> Load() =>
        [.. _rows.Values.Select(r => new StoredGroup(
            r.Group, r.Stored, r.Confirmed, [.. r.Views.Where(v => v.Version >= r.Confirmed)]))];

    public bool TryPromote(string group, long term, long attempt, long expectedEpoch, string owner)
    {
        var row = Of(group);
        if (term != Term || row.Attempt != attempt || row.Stored.Epoch != expectedEpoch)
            return false;
        row.Stored = new StoredOwnership(group, owner, expectedEpoch + 1);
        return true;
    }

    /// <summary>C6: after this no earlier attempt can land.</summary>
    public StoredOwnership CloseAttempt(string group, long term)
    {
        var row = Of(group);
        if (term == Term)
            row.Attempt++;
        return row.Stored;
    }

    internal sealed class Row(Group group)
    {
        public Group Group { get; set; } = group;

        public StoredOwnership Stored { get; set; } = new(group.Name, null, 0);

        public long Attempt { get; set; }

        public long Confirmed { get; set; }

        public List<View> Views { get; } = [FailoverEngine.ViewOf(group, 1)];
    }
}
