using Google.Protobuf.WellKnownTypes;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.V1;
using Approval = HaGrpc.Core.Guard.Approval;
using ApprovalState = HaGrpc.Core.Guard.ApprovalState;
using GuardDemand = HaGrpc.Core.Guard.GuardDemand;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>The guard's own messages.</summary>
internal static class GuardMapping
{
    /// <summary>A demand on the wire.</summary>
    public static V1.GuardDemand ToProto(this GuardDemand demand) => demand switch
    {
        GuardDemand.Allow => V1.GuardDemand.Allow,
        GuardDemand.Confirm => V1.GuardDemand.Confirm,
        GuardDemand.SecondApprover => V1.GuardDemand.SecondApprover,
        _ => V1.GuardDemand.Forbid,
    };

    /// <summary>A demand from the wire; null for none.</summary>
    public static GuardDemand? ToModel(this V1.GuardDemand demand) => demand switch
    {
        V1.GuardDemand.Allow => GuardDemand.Allow,
        V1.GuardDemand.Confirm => GuardDemand.Confirm,
        V1.GuardDemand.SecondApprover => GuardDemand.SecondApprover,
        V1.GuardDemand.Forbid => GuardDemand.Forbid,
        _ => null,
    };

    /// <summary>A rule on the wire.</summary>
    public static V1.GuardRule ToProto(this StoredRule stored) => new()
    {
        Act = GuardedActs.NameOf(stored.Rule.Act),
        Role = ToProto(stored.Rule.Role),
        Groups = stored.Rule.Groups,
        Demand = stored.Rule.Demand.ToProto(),
        SetBy = stored.SetBy,
        SetAt = stored.SetAt.ToTimestamp(),
        Reason = stored.Reason,
    };

    /// <summary>An act on the wire.</summary>
    public static V1.GuardedAct ToProto(this GuardedActTraits traits) => new()
    {
        Name = traits.Name,
        Description = traits.What,
        Standard = traits.Standard.ToProto(),
        PartOf = traits.PartOf is { } whole ? GuardedActs.NameOf(whole) : "",
        MayBeForbidden = traits.MayBeForbidden,
    };

    /// <summary>A request for approval on the wire.</summary>
    public static V1.Approval ToProto(this Approval approval, DateTimeOffset now)
    {
        var message = new V1.Approval
        {
            Id = approval.Id,
            Act = GuardedActs.NameOf(approval.Act),
            Name = approval.Name,
            Summary = approval.Summary,
            RequestedBy = approval.RequestedBy,
            RequestedAt = approval.RequestedAt.ToTimestamp(),
            ExpiresAt = approval.ExpiresAt.ToTimestamp(),
            Reason = approval.Reason,
            State = approval.IsExpired(now) ? V1.ApprovalState.Expired : approval.State switch
            {
                ApprovalState.Waiting => V1.ApprovalState.Waiting,
                ApprovalState.Approved => V1.ApprovalState.Approved,
                ApprovalState.Denied => V1.ApprovalState.Denied,
                _ => V1.ApprovalState.Used,
            },
            DecidedBy = approval.DecidedBy,
            DecidedAt = approval.DecidedAt?.ToTimestamp(),
            DecidedReason = approval.DecidedReason,
            Role = ToProto(approval.Role),
        };
        message.Groups.AddRange(approval.Touched.Names);
        return message;
    }

    private static OperatorRole ToProto(Core.Access.OperatorRole? role) => role switch
    {
        Core.Access.OperatorRole.Viewer => OperatorRole.Viewer,
        Core.Access.OperatorRole.Operator => OperatorRole.Operator,
        Core.Access.OperatorRole.Admin => OperatorRole.Admin,
        _ => OperatorRole.Unspecified,
    };
}
