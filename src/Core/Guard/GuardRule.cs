using HaGrpc.Core.Access;
using HaGrpc.Core.Model.Validation;

namespace HaGrpc.Core.Guard;

/// <summary>One line of the policy.</summary>
/// <param name="Act">About which act.</param>
/// <param name="Role">Of operators with exactly this role; null for every role.</param>
/// <param name="Groups">Of which groups: a name with <c>*</c> and <c>?</c>; <see cref="AllGroups"/> also for what is about no group.</param>
/// <param name="Demand">What is demanded.</param>
public sealed record GuardRule(GuardedAct Act, OperatorRole? Role, string Groups, GuardDemand Demand)
{
    /// <summary>The pattern for everything.</summary>
    public const string AllGroups = "*";

    /// <summary>Whether the rule counts for an act on a group.</summary>
    /// <param name="act">The act.</param>
    /// <param name="role">Of whoever asks.</param>
    /// <param name="group">The group; null for what is about none.</param>
    public bool Counts(GuardedAct act, OperatorRole role, string? group) =>
        Act == act && (Role is null || Role == role) && (group is null ? Groups == AllGroups : NamePattern.Matches(Groups, group));

    /// <summary>Why this cannot be a rule; null when it can.</summary>
    /// <param name="lastingAdmins">How many admins of everything there are, without an end.</param>
    public string? Problem(int lastingAdmins)
    {
        var traits = GuardedActs.Of(Act);
        if (Groups != AllGroups && NameRules.Problem(Groups.Replace('*', 'x').Replace('?', 'x'), "group") is { } wrong)
            return $"groups: '{Groups}': {wrong}; * and ? may stand for parts of it";
        if (Demand == GuardDemand.Forbid && !traits.MayBeForbidden)
            return $"demand: forbid is not possible for {traits.Name}: nobody could take it back; second-approver is the strictest";
        if (Demand == GuardDemand.SecondApprover && lastingAdmins < 2)
        {
            return "demand: second-approver needs two operators who are admins of all groups, without an end: "
                + (lastingAdmins == 0 ? "nobody is registered (hactl operator add)" : "there is only one, whose own requests nobody could approve");
        }
        return null;
    }

    /// <summary><c>stop-group of web* by operator: forbid</c>.</summary>
    public override string ToString() =>
        $"{GuardedActs.NameOf(Act)} of {(Groups == AllGroups ? "all groups" : Groups)} by {(Role is { } role ? OperatorAccount.NameOf(role) : "every role")}: {GuardedActs.NameOf(Demand)}";
}
