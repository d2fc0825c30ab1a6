using Grpc.Core;
using HaGrpc.ControlPlane.Audit;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Who is at the other end of a call.</summary>
internal static class Peer
{
    /// <summary>Address and port.</summary>
    public static string Of(ServerCallContext context)
    {
        var connection = context.GetHttpContext().Connection;
        var address = connection.RemoteIpAddress;
        return address is null ? context.Peer : new System.Net.IPEndPoint(address, connection.RemotePort).ToString();
    }

    /// <summary>Whom the history names: the account of a token, the subject of the client certificate, else the address.</summary>
    public static string Actor(ServerCallContext context) =>
        TokenOf(context) ?? context.GetHttpContext().Connection.ClientCertificate?.Subject ?? Of(context);

    /// <summary>Who it is on the next call as well: the account of a token, the subject of the client certificate, else the address without the
    /// port.</summary>
    public static string Lasting(ServerCallContext context)
    {
        if (TokenOf(context) is { } account)
            return account;
        var connection = context.GetHttpContext().Connection;
        return connection.ClientCertificate?.Subject ?? connection.RemoteIpAddress?.ToString() ?? context.Peer;
    }

    private static string? TokenOf(ServerCallContext context) => Caller.KnownOf(context) is { Kind: CallerKind.Token } caller ? caller.Name : null;
}
