using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record PolicyJson(IReadOnlyList<GuardedActJson> Acts, IReadOnlyList<GuardRuleJson> Rules)
{
    internal static PolicyJson Of(GetPolicyResponse policy) => new(
        [.. policy.Acts.Select(a => new GuardedActJson(a.Name, a.Description, GuardWords.Of(a.Standard), a.PartOf.Length == 0 ? null : a.PartOf, a.MayBeForbidden))],
        [.. policy.Rules.Select(GuardRuleJson.Of)]);
}

internal sealed record GuardedActJson(string Act, string Description, string Standard, string? PartOf, bool MayBeForbidden);

internal sealed record GuardRuleJson(string Act, string? Role, string Groups, string Demand, string SetBy, string? SetAt, string Reason)
{
    internal static GuardRuleJson Of(GuardRule rule) => new(
        rule.Act,
        rule.Role == OperatorRole.Unspecified ? null : OperatorJson.RoleOf(rule.Role),
        rule.Groups,
        GuardWords.Of(rule.Demand),
        rule.SetBy,
        Times.Machine(rule.SetAt),
        rule.Reason);
}

internal sealed record ApprovalsJson(IReadOnlyList<ApprovalJson> Approvals);

internal sealed record ApprovalJson(
    long Id, string Act, string Name, string Summary, string State, string RequestedBy, string? RequestedAt, string? ExpiresAt, string Reason,
    string? DecidedBy, string? DecidedAt, string DecidedReason, string Role, IReadOnlyList<string> Groups)
{
    internal static ApprovalJson Of(Approval approval) => new(
        approval.Id,
        approval.Act,
        approval.Name,
        approval.Summary,
        ApprovalLines.Word(approval.State),
        approval.RequestedBy,
        Times.Machine(approval.RequestedAt),
        Times.Machine(approval.ExpiresAt),
        approval.Reason,
        approval.DecidedBy.Length == 0 ? null : approval.DecidedBy,
        Times.Machine(approval.DecidedAt),
        approval.DecidedReason,
        OperatorJson.RoleOf(approval.Role),
        [.. approval.Groups]);
}

/// <summary>Demands as operators write them.</summary>
internal static class GuardWords
{
    internal static string[] Demands { get; } = ["allow", "confirm", "second-approver", "forbid"];

    internal static string Of(GuardDemand demand) => demand switch
    {
        GuardDemand.Allow => "allow",
        GuardDemand.Confirm => "confirm",
        GuardDemand.SecondApprover => "second-approver",
        GuardDemand.Forbid => "forbid",
        _ => "unknown",
    };

    internal static GuardDemand Parse(string word) => word switch
    {
        "allow" => GuardDemand.Allow,
        "confirm" => GuardDemand.Confirm,
        "second-approver" => GuardDemand.SecondApprover,
        "forbid" => GuardDemand.Forbid,
        _ => GuardDemand.Unspecified,
    };
}
