using System.Collections.Immutable;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// Who, besides the owner, may be promoted, and how long leases last: a versioned record of one group (rule V1).
/// </summary>
/// <param name="Version">Rises with every change, across epochs; the first is 1.</param>
/// <param name="Members">Hosts other than the owner that may be promoted. Failsafe (rules F1 to F4) will ask them; until
/// it is built nobody is asked.</param>
/// <param name="Length">How long a lease lasts, or null for a group with one configured member, which has none (L6).</param>
public sealed record View(long Version, ImmutableArray<string> Members, TimeSpan? Length)
{
    /// <summary>What an agent knows before the control plane has told it anything.</summary>
    public static View None { get; } = new(0, [], TimeSpan.Zero);

    /// <summary><see cref="Length"/> as a number that can be compared: <see cref="TimeSpan.MaxValue"/> for no end.</summary>
    public TimeSpan LengthOrMax => Length ?? TimeSpan.MaxValue;
}
