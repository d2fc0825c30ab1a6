using System.Net;
using HaGrpc.Linux;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Agent.Vips;

/// <summary>Drops the TCP connections of VIPs that leave this host, beside the ownership thread and within bounds: no release waits for more
/// than <see cref="Patience"/>, however many there are and whatever the kernel does.</summary>
internal static class ConnectionDrop
{
    /// <summary>In one go. A client that is left over finds out by itself, as all do without this.</summary>
    public const int Most = 10_000;

    /// <summary>Then the rest stays; looked at between two calls of the kernel.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>How long its caller waits at most, if one call of the kernel does not return.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    /// <summary>Begins, on a thread of its own in the network namespace of the caller's.</summary>
    /// <param name="addresses">Whose connections.</param>
    /// <param name="time">Measures the patience.</param>
    public static async Task<DroppedConnections> BeginAsync(IReadOnlyCollection<IPAddress> addresses, TimeProvider time)
    {
        var done = new TaskCompletionSource<DroppedConnections>(TaskCreationOptions.RunContinuationsAsynchronously);
        long end = BootClock.Nanoseconds + (Longest.Ticks * 100);
        var thread = new Thread(
            () => done.SetResult(TcpConnections.Drop(addresses, Most, () => BootClock.Nanoseconds < end)), 256 * 1024)
        {
            IsBackground = true,
            Name = "drop-connections",
        };
        try
        {
            thread.Start();
            return await done.Task.WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new(0, IsAll: false, $"the kernel has not answered within {Patience.TotalMilliseconds} ms");
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // The limit of threads: it must not cost more than these connections.
            return new(0, IsAll: false, e.Message);
        }
    }
}
