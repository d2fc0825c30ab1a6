using System.ComponentModel;
using System.Net;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>
/// Hears what others say by ARP and by neighbour discovery about some addresses, on every interface of the network namespace of the thread
/// that constructs it. The kernel picks the frames (BPF filters), so other traffic wakes nobody. It does not hear what this host sends.
/// <see cref="Wait"/> is for one thread, the rest for any.
/// </summary>
public sealed class ClaimWatch : IDisposable
{
    private readonly ClaimSocket[] _sockets;
    private readonly int _stop;

    /// <summary>Opens the sockets; nothing is heard before <see cref="Listen"/>.</summary>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed.</exception>
    public ClaimWatch()
    {
        var arp = new ArpClaims();
        try
        {
            _sockets = [arp, new NeighbourClaims()];
        }
        catch
        {
            arp.Dispose();
            throw;
        }

        _stop = SocketCalls.OpenEvent();
    }

    /// <summary>From now on exactly these are heard of.</summary>
    /// <returns>0 or an errno (positive): then some of the addresses of before are heard of.</returns>
    public int Listen(IReadOnlyCollection<IPAddress> addresses) => _sockets.Max(s => s.Listen(addresses));

    /// <summary>Waits until something was heard, and adds it, each frame's content once.</summary>
    /// <returns>False after <see cref="Stop"/>.</returns>
    /// <exception cref="Win32Exception">poll(2) fails.</exception>
    public bool Wait(ISet<AddressSighting> sightings)
    {
        Span<SocketCalls.PollDescriptor> descriptors = stackalloc SocketCalls.PollDescriptor[1 + _sockets.Length];
        descriptors[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        for (int i = 0; i < _sockets.Length; i++)
            descriptors[i + 1] = new() { Descriptor = _sockets[i].Descriptor, Events = SocketCalls.PollIn };
        while (sightings.Count == 0)
        {
            int ready = SocketCalls.Poll(descriptors, -1);
            if (ready < 0 && ready != -SocketCalls.EINTR)
                throw new Win32Exception(-ready, "poll");
            if (descriptors[0].Returned != 0)
                return false;
            for (int i = 0; i < _sockets.Length; i++)
            {
                if (descriptors[i + 1].Returned != 0)
                    _sockets[i].Read(sightings);
            }
        }

        return true;
    }

    /// <summary>Waits for a time, so that a flood costs little.</summary>
    /// <returns>False after <see cref="Stop"/>.</returns>
    public bool Pause(TimeSpan time)
    {
        Span<SocketCalls.PollDescriptor> stop = stackalloc SocketCalls.PollDescriptor[1];
        stop[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        return SocketCalls.Poll(stop, (int)time.TotalMilliseconds) <= 0;
    }

    /// <summary>Makes <see cref="Wait"/> return false, now and ever after.</summary>
    public void Stop() => SocketCalls.SignalEvent(_stop);

    /// <summary>To be called when nobody waits or stops any more.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        SocketCalls.Close(_stop);
    }
}
