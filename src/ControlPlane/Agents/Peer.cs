using Grpc.Core;

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

    /// <summary>Whom the history names: the subject of the client certificate, else the address.</summary>
    public static string Actor(ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate?.Subject ?? Of(context);
}
