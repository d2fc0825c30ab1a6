using HaGrpc.Core.Model;

namespace HaGrpc.Core.HostChecks;

/// <summary>What the checks of one group come to on one host.</summary>
/// <param name="Unfit">Why it cannot run the group; empty when it can.</param>
/// <param name="Weight">What its priority is raised by, or lowered by when negative.</param>
public sealed record HostStanding(string Unfit, int Weight)
{
    /// <summary>Of a group without checks.</summary>
    public static HostStanding None { get; } = new("", 0);

    /// <summary>Adds up the checks of a group.</summary>
    public static HostStanding Of(IEnumerable<(HostCheck Check, HostCheckCondition Condition)> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        var (reasons, weight) = (new List<string>(), 0);
        foreach (var (check, condition) in checks)
        {
            if (HostCheckJudge.Forbids(check, condition.Verdict))
                reasons.Add(HostCheckText.Reason(check, condition));
            weight += HostCheckJudge.WeightOf(check, condition.Verdict);
        }
        return new(string.Join("; ", reasons), weight);
    }
}
