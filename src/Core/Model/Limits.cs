using System.Collections.Immutable;
using System.Globalization;

namespace HaGrpc.Core.Model;

/// <summary>One of setrlimit(2)'s limits, in its own unit (bytes, seconds or a count); null is unlimited.</summary>
/// <param name="Soft">What is enforced; not above <paramref name="Hard"/>.</param>
/// <param name="Hard">How far the program may raise the soft one itself.</param>
public readonly record struct ResourceLimit(long? Soft, long? Hard)
{
    /// <summary>The word for no limit.</summary>
    public const string Unlimited = "unlimited";

    /// <summary>As an operator writes it: one number when both are the same, else <c>soft:hard</c>.</summary>
    public override string ToString() => Soft == Hard ? Text(Soft) : $"{Text(Soft)}:{Text(Hard)}";

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Unlimited;
}

/// <summary>What a program may use of its host, and how it stands against others there. What is null is inherited from the agent.</summary>
public sealed record Limits
{
    /// <summary>Limits of each single process (setrlimit(2)), by their names in <see cref="ResourceNames"/>.</summary>
    public ImmutableSortedDictionary<string, ResourceLimit> Rlimits
    {
        get;
        init => field = value.WithComparers(StringComparer.Ordinal);
    } = ImmutableSortedDictionary<string, ResourceLimit>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>-20 (first) to 19 (last): its share when processors are scarce.</summary>
    public int? Nice { get; init; }

    /// <summary>-1000 (never) to 1000 (first): whom the kernel kills when the host is out of memory.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>Bytes of memory that all its processes may use together; beyond that they are killed.</summary>
    public long? Memory { get; init; }

    /// <summary>Bytes of swap that all its processes may use together.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>Processor time that all its processes may use together, in thousandths of one core.</summary>
    public int? CpuMillis { get; init; }

    /// <summary>How many processes and threads it may have.</summary>
    public int? Pids { get; init; }

    /// <summary>By content: two that limit the same are equal.</summary>
    public bool Equals(Limits? other) => other is not null
        && Nice == other.Nice && OomScoreAdj == other.OomScoreAdj && Memory == other.Memory && MemorySwap == other.MemorySwap
        && CpuMillis == other.CpuMillis && Pids == other.Pids && Rlimits.SequenceEqual(other.Rlimits);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Nice, OomScoreAdj, Memory, MemorySwap, CpuMillis, Pids, Rlimits.Count);
}
