using System.Collections.Concurrent;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>What the database said last about each group: since when and why it is owned, and which attempt is next.</summary>
internal sealed class OwnershipNotes
{
    private readonly ConcurrentDictionary<string, OwnershipRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Remembers a row; one that is older than what is known is ignored.</summary>
    public void Note(OwnershipRecord record) => _records.AddOrUpdate(
        record.Group,
        record,
        (_, known) => (record.Epoch, record.Attempt).CompareTo((known.Epoch, known.Attempt)) < 0 ? known : record);

    /// <summary>The row of a group; null when it is not known.</summary>
    public OwnershipRecord? Of(string group) => _records.GetValueOrDefault(group);

    /// <summary>Which attempt the next promotion must name.</summary>
    public long Attempt(string group) => Of(group)?.Attempt ?? 0;

    /// <summary>True when the host is the recorded owner of a group.</summary>
    public bool OwnsAny(string host) => _records.Values.Any(r => r.Owner == host);
}
