using System.Net;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>A gratuitous ARP frame for the VIP, as it reached the client.</summary>
internal readonly record struct Announcement(string Host, long At);

/// <summary>Notes the gratuitous ARP frames that reach the client: from when on its network knows the new owner.</summary>
internal sealed class AnnouncementObserver : IDisposable
{
    private const ushort EtherTypeArp = 0x0806;

    private readonly NamespaceThread _thread;
    private readonly byte[] _vip;
    private readonly LabHost[] _owners;
    private readonly Lock _gate = new();
    private readonly List<Announcement> _seen = [];

    public AnnouncementObserver(LabHost client, string vip, params LabHost[] owners)
    {
        _vip = IPAddress.Parse(vip).GetAddressBytes();
        _owners = owners;
        _thread = NamespaceThread.Start(client.HolderPid, "announcements", Listen);
    }

    public IReadOnlyList<Announcement> Seen
    {
        get
        {
            lock (_gate)
                return [.. _seen];
        }
    }

    public void Dispose() => _thread.Dispose();

    private void Listen(Action ready, CancellationToken stop)
    {
        using var socket = KernelSocket.Packet("eth0", EtherTypeArp);
        ready();
        var buffer = new byte[256];
        while (!stop.IsCancellationRequested)
        {
            if (!socket.WaitReadable(50))
                continue;
            var frame = buffer.AsSpan(0, socket.Receive(buffer));
            var now = BootClock.Nanoseconds;
            // Gratuitous: the sender's address is the target's as well (RFC 5227, 3).
            if (frame.Length < 42 || !frame[28..32].SequenceEqual(_vip) || !frame[38..42].SequenceEqual(_vip))
                continue;
            var number = frame[27];
            if (_owners.FirstOrDefault(o => o.Number == number) is { } owner)
            {
                lock (_gate)
                    _seen.Add(new(owner.Name, now));
            }
        }
    }
}
