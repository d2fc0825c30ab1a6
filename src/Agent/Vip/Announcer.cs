using System.ComponentModel;
using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Announcements;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>Tells the neighbours where the VIPs are: five packets now and five after five seconds, as keepalived does,
/// and then one after each interval.</summary>
internal sealed class Announcer(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Vip, Announcement> _running = [];
    private GratuitousArp? _arp;
    private NeighbourSolicitation? _solicitation;
    private bool _disposed;

    /// <summary>Starts anew for one VIP; the first packet is sent before it returns.</summary>
    /// <param name="vip">The VIP.</param>
    /// <param name="link">Where.</param>
    /// <param name="mayAct">Asked right before every packet.</param>
    /// <param name="interval">From the tenth packet on; zero: ten are all.</param>
    /// <returns>Empty, or why the first packet could not be sent.</returns>
    public string Start(VipAddress vip, LinkEntry link, Func<bool> mayAct, TimeSpan interval)
    {
        if (!link.HasNeighbours)
            return "";
        lock (_lock)
        {
            if (_disposed)
                return "";
            if (_running.Remove(vip.Vip, out var old))
                old.Dispose();
            try
            {
                var announcement = vip.Address.IsIPv6 ? ForIPv6(vip, link, mayAct, interval) : ForIPv4(vip, link, mayAct, interval);
                _running[vip.Vip] = announcement;
                return announcement.Start();
            }
            catch (Win32Exception e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>Starts anew, with the permission that was given for it, what was announced on the link and not cancelled.</summary>
    public void Repeat(IEnumerable<VipAddress> vips, LinkEntry link)
    {
        foreach (var vip in vips)
        {
            Announcement? running;
            lock (_lock)
            {
                running = _running.GetValueOrDefault(vip.Vip);
                if (running is not null)
                    _ = Start(vip, link, running.MayAct, running.Interval);
            }
        }
    }

    /// <summary>Sends one packet for a VIP that is announced: the answer to somebody who claims it (RFC 5227 section 2.4).</summary>
    public void Defend(VipAddress vip, LinkEntry link)
    {
        lock (_lock)
        {
            if (!link.HasNeighbours || _running.GetValueOrDefault(vip.Vip) is not { } running || !running.MayAct())
                return;
            if (vip.Address.IsIPv6)
                running.Again();
            else
                _ = _arp?.Send(link, vip.Address.Address, reply: false);
        }
    }

    /// <summary>Asks who has an address, in nobody's name. The owner of an IPv6 address answers to all nodes.</summary>
    /// <returns>False when it could not be asked.</returns>
    public bool Probe(VipAddress vip, LinkEntry link) => Ask(vip, link, IPAddress.IPv6Any);

    /// <summary>Asks who else has an address that is open here. IPv6 is asked in this host's own name: asked in nobody's, a duplicate that was
    /// silent would tell all nodes that it has the address.</summary>
    /// <param name="vip">The VIP.</param>
    /// <param name="link">Where.</param>
    /// <param name="own">This host's link-local address there, for IPv6; null: it is not asked.</param>
    /// <returns>False when it could not be asked.</returns>
    public bool AskOthers(VipAddress vip, LinkEntry link, IPAddress? own) =>
        (own is not null || !vip.Address.IsIPv6) && Ask(vip, link, own);

    /// <summary>When it returns, no packet for the VIP is sent any more.</summary>
    /// <returns>True when it had been announced.</returns>
    public bool Cancel(Vip vip)
    {
        lock (_lock)
        {
            if (!_running.Remove(vip, out var announcement))
                return false;
            announcement.Dispose();
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var announcement in _running.Values)
                announcement.Dispose();
            _running.Clear();
            _arp?.Dispose();
            _solicitation?.Dispose();
        }
    }

    private bool Ask(VipAddress vip, LinkEntry link, IPAddress? source)
    {
        if (!link.HasNeighbours)
            return false;
        lock (_lock)
        {
            try
            {
                return !_disposed && (vip.Address.IsIPv6
                    ? (_solicitation ??= new()).Ask(link, source!, vip.Address.Address)
                    : (_arp ??= new()).Probe(link, vip.Address.Address)) == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }

    private Announcement ForIPv4(VipAddress vip, LinkEntry link, Func<bool> mayAct, TimeSpan interval)
    {
        var arp = _arp ??= new();
        return new(time, mayAct, interval, Send, null);

        // Whoever has it too and is silent, answers a question: asked before the first packet, and again with each by the clock.
        int Send(int sent)
        {
            if (sent is 0 or >= Announcement.First)
                _ = arp.Probe(link, vip.Address.Address);
            return arp.Send(link, vip.Address.Address, reply: sent % 2 == 1);
        }
    }

    private Announcement ForIPv6(VipAddress vip, LinkEntry link, Func<bool> mayAct, TimeSpan interval)
    {
        var socket = new NeighbourAdvertisement(vip.Address.Address);
        _solicitation ??= new();
        bool isRouter = LinkSettings.Read("ipv6", link.Name, "forwarding") == "1";
        return new(time, mayAct, interval, _ => socket.Send(link, isRouter), socket);
    }
}
