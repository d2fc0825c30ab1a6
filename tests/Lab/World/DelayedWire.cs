using HaGrpc.Lab.Kernel;
using HaGrpc.Linux;

namespace HaGrpc.Lab.World;

/// <summary>
/// A process in a host's cable that holds each frame back for a time of its own, between nothing and a longest delay, in each direction:
/// frames overtake each other. The switch's port keeps its name, so that whatever else is done to it still is.
/// </summary>
internal sealed class DelayedWire : IDisposable
{
    private const int LargestFrame = 65536 + 256;

    private readonly string _host;
    private readonly long _longest;
    private readonly Random _random;
    private readonly NamespaceThread _thread;

    private DelayedWire(string host, TimeSpan longest, int seed)
    {
        _host = host;
        _longest = (long)longest.TotalNanoseconds;
        _random = new(seed);
        _thread = NamespaceThread.Start(null, $"delayed wire of {host}", Relay);
    }

    /// <summary>The cable's end at the relay: what was the switch's port before.</summary>
    private static string Near(string host) => $"w{host}";

    /// <summary>The other end, whose peer is the switch's port now.</summary>
    private static string Far(string host) => $"v{host}";

    /// <summary>Puts a relay into the host's cable.</summary>
    /// <param name="host">The host.</param>
    /// <param name="longest">The longest delay of a frame in one direction.</param>
    /// <param name="seed">Of the delays.</param>
    public static async Task<DelayedWire> Insert(LabHost host, TimeSpan longest, int seed)
    {
        var (port, near, far) = (Topology.Port(host), Near(host.Name), Far(host.Name));
        var state = (await Command.Run("ip", "-o", "link", "show", port, "up")).Length > 0 ? "up" : "down";
        await Command.Run(
            $"""
            link set {port} nomaster
            link set {port} down
            link set {port} name {near}
            link add {port} type veth peer name {far}
            """, ["ip", "-batch", "-"]);
        // The lab itself is no host on this wire.
        foreach (var end in new[] { near, far })
        {
            await File.WriteAllTextAsync($"/proc/sys/net/ipv4/conf/{end}/arp_ignore", "8");
            if (File.Exists($"/proc/sys/net/ipv6/conf/{end}/disable_ipv6"))
                await File.WriteAllTextAsync($"/proc/sys/net/ipv6/conf/{end}/disable_ipv6", "1");
        }
        await Command.Run(
            $"""
            link set {port} master br0
            link set {far} up
            link set {port} {state}
            link set {near} {state}
            """, ["ip", "-batch", "-"]);
        return new(host.Name, longest, seed);
    }

    /// <summary>Sets the carrier of the host's cable, of both halves where a relay is in it.</summary>
    public static async Task SetCarrier(LabHost host, bool there)
    {
        var state = there ? "up" : "down";
        await Command.Run("ip", "link", "set", Topology.Port(host), state);
        var names = await Command.Run("ip", "-o", "link", "show");
        if (names.Contains($" {Near(host.Name)}@", StringComparison.Ordinal))
            await Command.Run("ip", "link", "set", Near(host.Name), state);
    }

    /// <summary>Takes it out again.</summary>
    public async Task Remove(LabHost host)
    {
        Dispose();
        var (port, near) = (Topology.Port(host), Near(host.Name));
        var state = (await Command.Run("ip", "-o", "link", "show", port, "up")).Length > 0 ? "up" : "down";
        await Command.Run(
            $"""
            link del {port}
            link set {near} down
            link set {near} name {port}
            link set {port} master br0
            link set {port} {state}
            """, ["ip", "-batch", "-"]);
    }

    public void Dispose() => _thread.Dispose();

    private void Relay(Action ready, CancellationToken stop)
    {
        using var near = KernelSocket.Wire(Near(_host));
        using var far = KernelSocket.Wire(Far(_host));
        ready();
        PriorityQueue<(KernelSocket To, byte[] Frame), long> held = new();
        var buffer = new byte[LargestFrame];
        while (!stop.IsCancellationRequested)
        {
            var wait = held.TryPeek(out _, out var due) ? Math.Clamp((due - BootClock.Nanoseconds + 999_999) / 1_000_000, 0, 20) : 20;
            var (fromHost, fromSwitch) = KernelSocket.WaitReadable(near, far, (int)wait);
            if (fromHost)
                Hold(near, far);
            if (fromSwitch)
                Hold(far, near);
            while (held.TryPeek(out var next, out due) && due <= BootClock.Nanoseconds)
            {
                held.Dequeue();
                // A cut cable takes nothing: the frame is lost, as any is there.
                _ = next.To.Send(next.Frame);
            }
        }

        void Hold(KernelSocket from, KernelSocket to)
        {
            var length = from.Receive(buffer);
            if (length > 0)
                held.Enqueue((to, buffer[..length]), BootClock.Nanoseconds + _random.NextInt64(_longest + 1));
        }
    }
}
