using System.Globalization;

namespace HaGrpc.Lab.Faults;

/// <summary>What one run struck, saw and found broken.</summary>
/// <param name="Faults">In the order in which they were struck.</param>
/// <param name="Seed">Of order, instants and delays.</param>
/// <param name="GapMilliseconds">From the first strike to the second; null for a single fault.</param>
/// <param name="Expected">What had to happen, for people.</param>
/// <param name="Moves">Changes of owner, the healing included.</param>
/// <param name="OutageMilliseconds">The client's longest time without an answer, the healing included.</param>
/// <param name="HealedMilliseconds">From the end of the healing until the client was answered for good; 0 when it was all along.</param>
/// <param name="MarginMilliseconds">From the old owner's last act to the new one's first; null when nothing moved.</param>
/// <param name="Why">What <c>hactl why</c> says of the first change of owner: the decision's reason, and the former owner's own word; empty when nothing moved.</param>
/// <param name="Broken">Empty when everything was as promised.</param>
internal sealed record FaultResult(
    IReadOnlyList<string> Faults, int Seed, double? GapMilliseconds, string Expected, int Moves, double OutageMilliseconds,
    double HealedMilliseconds, double? MarginMilliseconds, string Why, IReadOnlyList<string> Broken)
{
    /// <summary>The faults' names.</summary>
    public string Name => string.Join(" + ", Faults);

    /// <summary>One line, and one more for each thing broken.</summary>
    public string Line()
    {
        var gap = GapMilliseconds is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms,5:0} ms") : "        ";
        var margin = MarginMilliseconds is { } m ? string.Create(CultureInfo.InvariantCulture, $"{m,5:0} ms") : "       -";
        return string.Create(CultureInfo.InvariantCulture,
                $"{Name,-38} gap {gap}  moves {Moves}  outage {OutageMilliseconds,5:0} ms  healed {HealedMilliseconds,5:0} ms  margin {margin}  seed {Seed,-11} {(Broken.Count == 0 ? "ok" : "BROKEN")}")
            + string.Concat(Broken.Select(b => $"\n    BROKEN: {b}"))
            + (Broken.Count == 0 ? "" : $"\n    expected: {Expected}");
    }
}
