using Grpc.Core;
using HaGrpc.ControlPlane.Agents;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>By what somebody is known.</summary>
internal enum CallerKind
{
    /// <summary>By nothing but where the call comes from.</summary>
    Address,

    /// <summary>By a client certificate.</summary>
    Certificate,
}

/// <summary>Who makes a call.</summary>
/// <param name="Kind">By what that is known.</param>
/// <param name="Name">As the history and the audit name them.</param>
/// <param name="Address">Address and port that the call comes from.</param>
internal sealed record Caller(CallerKind Kind, string Name, string Address)
{
    /// <summary>The kind as the audit writes it.</summary>
    public string KindName => Kind.ToString().ToLowerInvariant();

    /// <summary>Who makes this call.</summary>
    public static Caller Of(ServerCallContext context) => new(
        context.GetHttpContext().Connection.ClientCertificate is null ? CallerKind.Address : CallerKind.Certificate,
        Peer.Lasting(context),
        Peer.Of(context));
}
