using System.Net.Sockets;
using System.Text;

namespace HaGrpc.Functional.Tests.Processes;

/// <summary>The socket of a service manager, which its services tell how far they are (sd_notify(3)).</summary>
internal sealed class ServiceSocket : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ha-service-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ServiceSocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    /// <summary>What a service finds in NOTIFY_SOCKET.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "notify");

    /// <summary>What it is told next.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var packet = new byte[4096];
        return Encoding.UTF8.GetString(packet, 0, await _socket.ReceiveAsync(packet, SocketFlags.None, limit.Token));
    }

    /// <summary>True when it has been told something that nobody has asked for yet.</summary>
    public bool HasMore => _socket.Available > 0;

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }
}
