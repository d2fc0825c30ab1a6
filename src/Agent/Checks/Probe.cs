using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Checks;

/// <summary>Asks a program once how it is, over the network. Never throws; an answer is null when it is good, else what is wrong.</summary>
internal static class Probe
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        // A program that is restarted is asked by a connection of its own.
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);
    private static readonly Method<byte[], byte[]> HealthCheck =
        new(MethodType.Unary, "grpc.health.v1.Health", "Check", Bytes, Bytes);

    /// <summary>Asks.</summary>
    /// <param name="check">Of kind http, tcp or grpc; nothing left to expand.</param>
    /// <param name="end">Ends it without an answer.</param>
    public static async Task<string?> AskAsync(Check check, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(check.Timeout);
        try
        {
            return check.Kind switch
            {
                CheckKind.Http => await HttpAsync(check.Target, limit.Token).ConfigureAwait(false),
                CheckKind.Tcp => await TcpAsync(check.Target, limit.Token).ConfigureAwait(false),
                _ => await GrpcAsync(check.Target, limit.Token).ConfigureAwait(false),
            };
        }
        catch (Exception e) when (limit.IsCancellationRequested
            && e is OperationCanceledException or RpcException or HttpRequestException or SocketException)
        {
            return $"{check.Target}: no answer within {DurationText.Format(check.Timeout)}";
        }
        // The last three: what a host makes of an expansion may be no address at all, or one of another kind.
        catch (Exception e) when (e is HttpRequestException or SocketException or FormatException or IOException
            or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return $"{check.Target}: {Words(e)}";
        }
        catch (RpcException e)
        {
            return $"{check.Target}: {e.Status.StatusCode}: {e.Status.Detail}";
        }
    }

    // "The SSL connection could not be established, see inner exception" tells nobody what to mend.
    private static string Words(Exception e)
    {
        while (e.Message.Contains("inner exception", StringComparison.Ordinal) && e.InnerException is { } inner)
            e = inner;
        return e.Message;
    }

    private static async Task<string?> HttpAsync(string target, CancellationToken end)
    {
        using var response = await Http.GetAsync(new Uri(target), HttpCompletionOption.ResponseHeadersRead, end).ConfigureAwait(false);
        return (int)response.StatusCode < 400 ? null : $"{target}: answered {(int)response.StatusCode} {response.ReasonPhrase}";
    }

    private static async Task<string?> TcpAsync(string target, CancellationToken end)
    {
        if (!HostPort.TryParse(target, out var host, out var port, out _))
            return $"{target}: is not host:port";
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host, port, end).ConfigureAwait(false);
        return null;
    }

    // The protocol's two messages are a string and an enum in field 1: no generated code is worth its bytes here.
    private static async Task<string?> GrpcAsync(string target, CancellationToken end)
    {
        if (!HostPort.TryParse(target, out var host, out var port, out var service))
            return $"{target}: is not host:port or host:port/service";
        using var channel = GrpcChannel.ForAddress(new UriBuilder("http", host, port).Uri);
        var name = System.Text.Encoding.UTF8.GetBytes(service);
        byte[] request = name.Length == 0 ? [] : [0x0a, .. Varint(name.Length), .. name];
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(HealthCheck, null, new CallOptions(cancellationToken: end), request);
        var answer = await call.ResponseAsync.ConfigureAwait(false);
        var status = answer is [0x08, var value, ..] ? value : 0;
        return status == 1 ? null : $"{target}: is {status switch { 2 => "NOT_SERVING", 3 => "SERVICE_UNKNOWN", _ => "UNKNOWN" }}, not SERVING";
    }

    private static IEnumerable<byte> Varint(int number)
    {
        for (; number > 0x7f; number >>= 7)
            yield return (byte)(number | 0x80);
        yield return (byte)number;
    }
}
