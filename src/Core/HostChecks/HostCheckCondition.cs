using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.HostChecks;

/// <summary>What is remembered of a host's check between two answers.</summary>
/// <param name="Verdict">What its answers have come to; none before the first verdict.</param>
/// <param name="Said">The answer that led to the verdict, for people; empty for none.</param>
/// <param name="Good">Good answers in a row.</param>
/// <param name="Bad">Bad answers in a row.</param>
public readonly record struct HostCheckCondition(CheckVerdict Verdict, string Said, int Good = 0, int Bad = 0)
{
    /// <summary>Nothing has been answered.</summary>
    public static HostCheckCondition New { get; } = new(CheckVerdict.None, "");
}
