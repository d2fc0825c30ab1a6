using System.Net;
using System.Net.Sockets;
using System.Text;
using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>
/// What the neighbour on the wire sees of the host. What does not come is found by a second question that is always answered: a
/// wire keeps the order, so an answer that is missing before it was not given.
/// </summary>
internal sealed class Neighbour(HostOnWire wire) : IDisposable
{
    private const int Patience = 60_000, Rounds = 3;
    private readonly KernelSocket _arp = wire.Peer.Do(() => KernelSocket.Packet("eth0", Frames.Arp));
    private readonly KernelSocket _discovery = wire.Peer.Do(() => KernelSocket.Packet("eth0", Frames.IPv6));
    private readonly byte[] _buffer = new byte[2048];

    /// <summary>Every way that a packet can take: which of them pass for the VIPs.</summary>
    public IReadOnlyList<string> Passing()
    {
        var passing = new HashSet<string>();

        // Two processors may swap two packets: what passes once passes.
        for (var round = 0; round < Rounds; round++)
        {
            AddIf(passing, "ARP", AnswersArp());
            AddIf(passing, "ND", AnswersDiscovery());
            AddIf(passing, "IPv4 in", Arrives(wire.Peer, wire.Host, null, HostOnWire.Address4, HostOnWire.Host4));
            AddIf(passing, "IPv6 in", Arrives(wire.Peer, wire.Host, null, HostOnWire.Address6, HostOnWire.Host6));
            AddIf(passing, "IPv4 out", Arrives(wire.Host, wire.Peer, HostOnWire.Address4, HostOnWire.Peer4, HostOnWire.Peer4));
            AddIf(passing, "IPv6 out", Arrives(wire.Host, wire.Peer, HostOnWire.Address6, HostOnWire.Peer6, HostOnWire.Peer6));
        }
        return [.. passing.Order()];
    }

    /// <summary>Sends an ARP frame, whoever it says it is from.</summary>
    public void Say(byte[] frame) => Ask(_arp, frame);

    /// <summary>The next ARP frame that is wanted.</summary>
    public ArpFrame NextArp(Func<ArpFrame, bool> wanted) => Next(_arp, frame => Frames.ReadArp(frame) is { } arp && wanted(arp) ? arp : null);

    /// <summary>The next advertisement that is wanted.</summary>
    public AdvertisementFrame NextAdvertisement(Func<AdvertisementFrame, bool> wanted) =>
        Next(_discovery, frame => Frames.ReadAdvertisement(frame) is { } read && wanted(read) ? read : null);

    // Twice: what another processor was about to send is overtaken by the first answer, and not by the second.
    private const int Questions = 2;

    /// <summary>Asks for the host's own address and returns what of ARP came before the answer.</summary>
    public IReadOnlyList<ArpFrame> ArpUntilNow()
    {
        var seen = new List<ArpFrame>();
        for (var question = 0; question < Questions; question++)
        {
            Ask(_arp, Frames.ArpRequest(HostOnWire.PeerMac, HostOnWire.Peer4, HostOnWire.Host4));
            _ = NextArp(arp =>
            {
                var isAnswer = arp.IsReply && arp.Sender.Equals(HostOnWire.Host4);
                if (!isAnswer)
                    seen.Add(arp);
                return isAnswer;
            });
        }
        return seen;
    }

    /// <summary>Asks for the host's own address and returns what of advertisements came before the answer.</summary>
    public IReadOnlyList<AdvertisementFrame> AdvertisementsUntilNow()
    {
        var seen = new List<AdvertisementFrame>();
        for (var question = 0; question < Questions; question++)
        {
            Ask(_discovery, Frames.NeighbourSolicitation(HostOnWire.PeerMac, HostOnWire.Peer6, HostOnWire.Host6));
            _ = NextAdvertisement(read =>
            {
                var isAnswer = read.IsSolicited && read.Target.Equals(HostOnWire.Host6);
                if (!isAnswer)
                    seen.Add(read);
                return isAnswer;
            });
        }
        return seen;
    }

    /// <summary>Asks for the host's own address and returns what of solicitations came before the answer.</summary>
    public IReadOnlyList<SolicitationFrame> SolicitationsUntilNow()
    {
        var seen = new List<SolicitationFrame>();
        for (var question = 0; question < Questions; question++)
        {
            Ask(_discovery, Frames.NeighbourSolicitation(HostOnWire.PeerMac, HostOnWire.Peer6, HostOnWire.Host6));
            _ = Next(_discovery, frame =>
            {
                if (Frames.ReadSolicitation(frame) is { } solicitation)
                    seen.Add(solicitation);
                return Frames.ReadAdvertisement(frame) is { IsSolicited: true } read && read.Target.Equals(HostOnWire.Host6) ? read : null;
            });
        }
        return seen;
    }

    public void Dispose()
    {
        _arp.Dispose();
        _discovery.Dispose();
    }

    private static void AddIf(HashSet<string> passing, string way, bool passes)
    {
        if (passes)
            passing.Add(way);
    }

    private static void Ask(KernelSocket socket, byte[] question) => socket.Send(question).ShouldBeTrue("the wire is down");

    private bool AnswersArp()
    {
        Ask(_arp, Frames.ArpRequest(HostOnWire.PeerMac, HostOnWire.Peer4, HostOnWire.Address4));
        return ArpUntilNow().Any(a => a.IsReply && a.Sender.Equals(HostOnWire.Address4));
    }

    private bool AnswersDiscovery()
    {
        Ask(_discovery, Frames.NeighbourSolicitation(HostOnWire.PeerMac, HostOnWire.Peer6, HostOnWire.Address6));
        return AdvertisementsUntilNow().Any(a => a.IsSolicited && a.Target.Equals(HostOnWire.Address6));
    }

    private T Next<T>(KernelSocket socket, Func<ReadOnlySpan<byte>, T?> wanted)
        where T : class
    {
        while (socket.WaitReadable(Patience))
        {
            var length = socket.Receive(_buffer);
            if (wanted(_buffer.AsSpan(0, length)) is { } found)
                return found;
        }
        throw new TimeoutException("nothing of the kind came over the wire");
    }

    /// <summary>Sends a datagram in the VIP's name or to it, and then one between the hosts' own addresses.</summary>
    private static bool Arrives(NetworkSpace from, NetworkSpace to, IPAddress? source, IPAddress target, IPAddress own)
    {
        // A port of its own each time: a process that another test starts may hold the last one's socket until it executes its program.
        using var receiver = to.Do(() => Bound(target.AddressFamily, null));
        receiver.ReceiveTimeout = Patience;
        var port = ((IPEndPoint)receiver.LocalEndPoint!).Port;
        Send(from, source, new(target, port), "vip");
        Send(from, null, new(own, port), "own");
        var buffer = new byte[16];
        var arrived = false;
        while (true)
        {
            var text = Encoding.ASCII.GetString(buffer, 0, receiver.Receive(buffer));
            arrived |= text == "vip";
            if (text == "own")
                return arrived;
        }
    }

    private static void Send(NetworkSpace from, IPAddress? source, IPEndPoint target, string text)
    {
        using var sender = from.Do(() => Bound(target.AddressFamily, source));
        try
        {
            sender.SendTo(Encoding.ASCII.GetBytes(text), target);
        }
        catch (SocketException dropped) when (source is not null && dropped.SocketErrorCode == SocketError.AccessDenied)
        {
            // EPERM: the gate has dropped it on its way out.
        }
    }

    private static Socket Bound(AddressFamily family, IPAddress? address)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address ?? (family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any), 0));
        return socket;
    }
}
