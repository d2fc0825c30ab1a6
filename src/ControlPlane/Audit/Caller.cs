using Grpc.Core;
using HaGrpc.Core.Access;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>By what somebody is known.</summary>
internal enum CallerKind
{
    /// <summary>By nothing but where the call comes from.</summary>
    Address,

    /// <summary>By a client certificate.</summary>
    Certificate,

    /// <summary>By a token.</summary>
    Token,
}

/// <summary>Who makes a call.</summary>
/// <param name="Kind">By what that is known.</param>
/// <param name="Name">As the history, locks and the audit name them.</param>
/// <param name="Address">Address and port that the call comes from.</param>
internal sealed record Caller(CallerKind Kind, string Name, string Address)
{
    private static readonly object Key = typeof(Caller);

    /// <summary>Whose account it is; null when nobody is recognised.</summary>
    public OperatorAccount? Account { get; init; }

    /// <summary>The name of the operator in the client certificate; null for none.</summary>
    public string? CertificateName { get; init; }

    /// <summary>The host whose agent's certificate it is; null when it is no agent's.</summary>
    public string? AgentOf { get; init; }

    /// <summary>Why nobody is recognised.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The kind as the audit writes it.</summary>
    public string KindName => Kind.ToString().ToLowerInvariant();

    /// <summary>Who was found to make this call; null when nobody has looked: it is none of operators.</summary>
    public static Caller? KnownOf(ServerCallContext context) => context.UserState.TryGetValue(Key, out var known) ? (Caller)known : null;

    /// <summary>Lets everybody who works for this call know who makes it.</summary>
    public void Note(ServerCallContext context) => context.UserState[Key] = this;
}
