using System.Collections.Immutable;
using Google.Protobuf;
using HaGrpc.Core.Access;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>What is to be known of a call of operators before it is carried out.</summary>
internal sealed record OperatorCall
{
    /// <summary><c>SERVICE/CALL</c>, for example <c>AdminService/Apply</c>.</summary>
    public required string Name { get; init; }

    /// <summary>True when it changes something: stored, on a host, or in who may do what. Such calls are audited.</summary>
    public required bool Changes { get; init; }

    /// <summary>Which role a request needs, for all groups that it is about. What nobody has thought of needs the highest.</summary>
    public Func<IMessage, OperatorRole> Role { get; init; } = Unthought;

    /// <summary>True when somebody has said which role it needs.</summary>
    public bool HasRole => Role != Unthought;

    /// <summary>What a request is about.</summary>
    public required Func<IMessage, ImmutableArray<CallObject>> About { get; init; }

    /// <summary>True for a request that only asks what would be done.</summary>
    public Func<IMessage, bool> IsTrial { get; init; } = static _ => false;

    /// <summary>What a request answered with OK has failed in all the same; empty when in nothing.</summary>
    public Func<IMessage, string> Failure { get; init; } = static _ => "";

    /// <summary>True when the request is written down.</summary>
    public bool IsAudited(IMessage request) => Changes && !IsTrial(request);

    private static readonly Func<IMessage, OperatorRole> Unthought = static _ => OperatorRole.Admin;
}
