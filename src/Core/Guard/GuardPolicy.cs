using System.Collections.Immutable;
using HaGrpc.Core.Access;

namespace HaGrpc.Core.Guard;

/// <summary>What is demanded of an act, and why.</summary>
/// <param name="Demand">What is demanded.</param>
/// <param name="Rule">The rule that demands it; null for the act's standard.</param>
public readonly record struct GuardVerdict(GuardDemand Demand, GuardRule? Rule);

/// <summary>
/// Which act demands what of whom. Of the rules that count the strictest decides, so that no rule can be got round by another one that happens to
/// fit, too; the standard counts where there is no rule. An act on several groups demands what the strictest of them demands.
/// </summary>
/// <param name="rules">The rules, in any order.</param>
public sealed class GuardPolicy(IEnumerable<GuardRule> rules)
{
    private readonly ImmutableArray<GuardRule> _rules = [.. rules];

    /// <summary>Judges an act.</summary>
    /// <param name="act">The act.</param>
    /// <param name="role">Of whoever asks.</param>
    /// <param name="touched">Which groups it is about.</param>
    public GuardVerdict Judge(GuardedAct act, OperatorRole role, TouchedGroups touched)
    {
        var own = JudgeOne(act, role, touched);
        if (GuardedActs.Of(act).PartOf is not { } whole)
            return own;
        var general = JudgeOne(whole, role, touched);
        return general.Demand > own.Demand ? general : own;
    }

    private GuardVerdict JudgeOne(GuardedAct act, OperatorRole role, TouchedGroups touched)
    {
        string?[] groups = touched.IsEverything || touched.Names.IsEmpty ? [null, .. touched.Names] : [.. touched.Names];
        return groups.Select(group => OfGroup(act, role, group)).MaxBy(verdict => verdict.Demand);
    }

    private GuardVerdict OfGroup(GuardedAct act, OperatorRole role, string? group) =>
        _rules.Where(rule => rule.Counts(act, role, group)).MaxBy(rule => rule.Demand) is { } strictest
            ? new(strictest.Demand, strictest)
            : new(GuardedActs.Of(act).Standard, null);
}
