using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using HaGrpc.Linux.Processes;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace HaGrpc.Agent.Compat;

/// <summary>Who a client of Supervisor's contract is: on the Unix socket the user of its process, as the kernel says; on TCP the login.</summary>
internal static class SupervisorClient
{
    /// <summary>The user's name, or the number of one without a name; empty when nobody knows.</summary>
    public static string UserOf(HttpContext context)
    {
        if (context.Connection.LocalIpAddress is not null)
            return LoginOf(context.Request.Headers.Authorization.ToString());
        return context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && UidOf(socket) is { } uid
            ? UserAccount.Find(uid.ToString(CultureInfo.InvariantCulture))?.Name ?? $"uid {uid}"
            : "";
    }

    private static uint? UidOf(Socket socket)
    {
        try
        {
            // struct ucred: pid, uid, gid.
            Span<byte> credentials = stackalloc byte[12];
            return socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials) == credentials.Length
                ? MemoryMarshal.Read<uint>(credentials[4..])
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    // It was looked at before: without the right login nobody comes as far as this.
    private static string LoginOf(string authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header) || header.Parameter is not { } parameter)
            return "";
        var bytes = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Split(':')[0] : "";
    }
}
