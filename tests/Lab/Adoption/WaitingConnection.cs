using System.Net;
using System.Net.Sockets;
using System.Text;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Adoption;

/// <summary>A client's connection to the VIP that is made now, and asked for a page by and by.</summary>
internal sealed class WaitingConnection : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;

    private WaitingConnection(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    public static WaitingConnection Open(LabHost client)
    {
        Socket? socket = null;
        using var thread = NamespaceThread.Start(client.HolderPid, "waiting connection", (ready, _) =>
        {
            socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Parse(Topology.Vip4), Topology.HttpPort);
            ready();
        });
        return new(socket ?? throw new InvalidOperationException("the client has no socket"));
    }

    /// <summary>Asks for the page: which instance answers, or why none does.</summary>
    public async Task<string> Ask()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: vip\r\n\r\n"), limit.Token);
            var buffer = new byte[512];
            var text = Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, limit.Token));
            return text[(text.LastIndexOf('\n') + 1)..];
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return failure.Message;
        }
    }

    public void Dispose() => _socket.Dispose();
}
