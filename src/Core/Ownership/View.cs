using System.Collections.Immutable;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// Who may be promoted, and how long leases last: a versioned record of one group (rules V1, V2).
/// </summary>
/// <param name="Version">Rises with every change, across epochs; the first is 1.</param>
/// <param name="Members">Hosts that may be promoted, the owner among them: a view outlives the epoch. An owner asks the others
/// for promises (rule F1).</param>
/// <param name="Length">How long a lease lasts, or null for a group with one configured member, which has none (L6).</param>
public sealed record View(long Version, ImmutableArray<string> Members, TimeSpan? Length)
{
    /// <summary>What an agent knows before the control plane has told it anything.</summary>
    public static View None { get; } = new(0, [], TimeSpan.Zero);

    /// <summary>Whom an owner asks, and of whom one must have sealed its epoch before another is promoted (rules F1, C4).</summary>
    /// <param name="owner">The owner.</param>
    public IEnumerable<string> Others(string? owner) => Members.Where(m => !string.Equals(m, owner, StringComparison.Ordinal));

    /// <summary>True for the same version of the same members and length.</summary>
    /// <param name="other">Another view.</param>
    public bool IsSame(View other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Version == other.Version && Length == other.Length && Members.SequenceEqual(other.Members);
    }

    /// <summary><see cref="Length"/> as a number that can be compared: <see cref="TimeSpan.MaxValue"/> for no end.</summary>
    public TimeSpan LengthOrMax => Length ?? TimeSpan.MaxValue;
}
