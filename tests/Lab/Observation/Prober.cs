using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>One probe: a connection and a request of its own. <see cref="Instance"/> is host/pid of the answering program,
/// or empty when there was no answer in time; instants are CLOCK_BOOTTIME in ns.</summary>
internal sealed record Probe(long Start, long End, string Instance, string Error)
{
    public bool Ok => Instance.Length > 0;

    public string Host => Instance.Split('/')[0];
}

/// <summary>
/// The client: asks the VIP for a page every 5 ms, every time by a new connection, whether or not earlier ones are still
/// waiting (a bounded number is under way; each gives up after 250 ms).
/// </summary>
internal sealed class Prober : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);
    private const int MaximumUnderWay = 200;
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: vip\r\nConnection: close\r\n\r\n");

    private readonly NamespaceThread _thread;
    private readonly ConcurrentQueue<Probe> _probes = [];
    private readonly IPEndPoint _target;
    private int _underWay;

    public Prober(LabHost client, string vip, int port)
    {
        _target = new(IPAddress.Parse(vip), port);
        _thread = NamespaceThread.Start(client.HolderPid, "prober", Beat);
    }

    /// <summary>Finished probes by their start.</summary>
    public IReadOnlyList<Probe> Probes => [.. _probes.OrderBy(p => p.Start)];

    /// <summary>The newest finished probe that succeeded; null when none has.</summary>
    public Probe? LastSuccess => _probes.Where(p => p.Ok).MaxBy(p => p.End);

    /// <summary>Waits until a probe that was started after an instant has been answered, by a certain host if given.</summary>
    public Task Answered(long after, string? by, TimeSpan limit) =>
        Eventually.Until($"the client is answered{(by is null ? "" : $" by {by}")}", limit,
            () => _probes.Reverse().TakeWhile(p => p.End > after).Any(p => p.Ok && p.Start > after && (by is null || p.Host == by)),
            () => LastSuccess is { } last ? $"{last.Instance} {(BootClock.Nanoseconds - last.End) / 1_000_000} ms ago" : "no answer ever");

    /// <summary>Forgets probes that ended before an instant.</summary>
    public void Clear(long before)
    {
        while (_probes.TryPeek(out var oldest) && oldest.End < before)
            _ = _probes.TryDequeue(out _);
    }

    public void Dispose() => _thread.Dispose();

    private void Beat(Action ready, CancellationToken stop)
    {
        ready();
        for (var next = BootClock.Nanoseconds; !stop.IsCancellationRequested; next = Math.Max(next + Interval.Ticks * 100, BootClock.Nanoseconds))
        {
            Libc.WaitUntil(next);
            if (Volatile.Read(ref _underWay) >= MaximumUnderWay)
                continue;
            Interlocked.Increment(ref _underWay);
            // The socket belongs to this thread's network namespace, whoever completes the probe.
            _ = Ask(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        }
    }

    private async Task Ask(Socket socket)
    {
        var start = BootClock.Nanoseconds;
        var instance = "";
        var error = "";
        using var limit = new CancellationTokenSource(Timeout);
        try
        {
            // Reset instead of TIME_WAIT: a long run must not use up the client's ports.
            socket.LingerState = new LingerOption(true, 0);
            await socket.ConnectAsync(_target, limit.Token);
            await socket.SendAsync(Request, limit.Token);
            var buffer = new byte[512];
            var length = await socket.ReceiveAsync(buffer, limit.Token);
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            instance = body < 0 ? "" : text[(body + 4)..];
            error = body < 0 ? "empty answer" : "";
        }
        catch (OperationCanceledException)
        {
            error = "timeout";
        }
        catch (SocketException failure)
        {
            error = failure.SocketErrorCode.ToString();
        }
        finally
        {
            socket.Dispose();
            _probes.Enqueue(new(start, BootClock.Nanoseconds, instance, error));
            Interlocked.Decrement(ref _underWay);
        }
    }
}
