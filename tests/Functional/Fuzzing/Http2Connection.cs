using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace HaGrpc.Functional.Tests.Fuzzing;

/// <summary>HTTP/2 frame by frame, right or wrong (RFC 9113). Headers are literals without an index, so that nothing has to be remembered.</summary>
internal sealed class Http2Connection : IDisposable
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Continuation = 9;
    public const byte EndStream = 1, EndHeaders = 4;

    private const byte Acknowledgement = 1, Ping = 6;
    private const int HeaderBytes = 9;

    private readonly TcpClient _client = new();

    private Http2Connection()
    {
    }

    /// <summary>Connects and greets.</summary>
    /// <param name="port">On loopback.</param>
    /// <param name="window">Bytes that the other side may send on each stream.</param>
    public static async Task<Http2Connection> OpenAsync(int port, uint window = 65535)
    {
        var connection = new Http2Connection();
        await connection._client.ConnectAsync("127.0.0.1", port);
        await connection.SendAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        var setting = new byte[6];
        setting[1] = 4;
        BinaryPrimitives.WriteUInt32BigEndian(setting.AsSpan(2), window);
        await connection.FrameAsync(Settings, 0, 0, setting);
        return connection;
    }

    /// <summary>Begins a gRPC call.</summary>
    public Task CallAsync(int stream, string path, byte flags = EndHeaders) => FrameAsync(Headers, flags, stream, Fields(
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "127.0.0.1"), ("content-type", "application/grpc"), ("te", "trailers")));

    public static byte[] Fields(params (string Name, string Value)[] fields)
    {
        var bytes = new List<byte>();
        foreach (var (name, value) in fields)
        {
            bytes.Add(0);
            Text(bytes, name);
            Text(bytes, value);
        }
        return [.. bytes];
    }

    public Task FrameAsync(byte type, byte flags, int stream, ReadOnlyMemory<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsMemory(HeaderBytes));
        return SendAsync(frame);
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Waits until a stream has ended or the whole connection has. Pings are answered: only what was asked for is late.</summary>
    public async Task EndedAsync(int stream, CancellationToken ct)
    {
        try
        {
            var header = new byte[HeaderBytes];
            while (true)
            {
                await _client.GetStream().ReadExactlyAsync(header, ct);
                var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await _client.GetStream().ReadExactlyAsync(payload, ct);
                var (type, flags, on) = (header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue);
                if (type == Ping && (flags & Acknowledgement) == 0)
                    await FrameAsync(Ping, Acknowledgement, 0, payload);
                if (on == stream && (type == Reset || (type is Data or Headers && (flags & EndStream) != 0)))
                    return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // The other side has had enough.
        }
    }

    public void Dispose() => _client.Dispose();

    private static void Text(List<byte> bytes, string text)
    {
        // RFC 7541 5.1: seven bits, then seven more at a time.
        const int Prefix = 127;
        if (text.Length < Prefix)
        {
            bytes.Add((byte)text.Length);
        }
        else
        {
            bytes.Add(Prefix);
            var rest = text.Length - Prefix;
            for (; rest >= 128; rest >>= 7)
                bytes.Add((byte)((rest & 127) | 128));
            bytes.Add((byte)rest);
        }
        bytes.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
