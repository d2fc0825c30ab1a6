using System.Collections.Immutable;

namespace HaGrpc.Core.Rehearsal;

/// <summary>How ready a host is to take a group over.</summary>
/// <param name="Score">0 to 100: the part of what was looked at that does not fail. 100 only when nothing fails.</param>
/// <param name="Failing">What fails.</param>
public sealed record Readiness(int Score, ImmutableArray<Finding> Failing)
{
    private const int BestWithFailure = 99;

    /// <summary>Of a rehearsal. A group that needs nothing is ready.</summary>
    public static Readiness Of(ImmutableArray<Finding> findings)
    {
        ImmutableArray<Finding> failing = [.. findings.Where(f => f.Verdict == Verdict.Fails)];
        return new(
            failing.IsEmpty ? 100 : Math.Min(BestWithFailure, (int)(100L * (findings.Length - failing.Length) / findings.Length)),
            failing);
    }

    /// <summary>True when an operator would see no difference but in figures.</summary>
    public bool SaysTheSameAs(Readiness other) =>
        Score == other.Score && Failing.Length == other.Failing.Length && Failing.Zip(other.Failing).All(pair => pair.First.IsAbout(pair.Second));
}
