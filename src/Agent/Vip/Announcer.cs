using System.ComponentModel;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Announcements;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>Tells the neighbours where the VIPs are: five packets now and five after five seconds, as keepalived does.</summary>
internal sealed class Announcer(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Vip, Announcement> _running = [];
    private GratuitousArp? _arp;
    private bool _disposed;

    /// <summary>Starts anew for one VIP; the first packet is sent before it returns.</summary>
    /// <returns>Empty, or why the first packet could not be sent.</returns>
    public string Start(VipAddress vip, LinkEntry link, Func<bool> mayAct)
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
                var announcement = vip.Address.IsIPv6 ? ForIPv6(vip, link, mayAct) : ForIPv4(vip, link, mayAct);
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
            Func<bool>? mayAct;
            lock (_lock)
                mayAct = _running.GetValueOrDefault(vip.Vip)?.MayAct;
            if (mayAct is not null)
                _ = Start(vip, link, mayAct);
        }
    }

    /// <summary>When it returns, no packet for the VIP is sent any more.</summary>
    public void Cancel(Vip vip)
    {
        lock (_lock)
        {
            if (_running.Remove(vip, out var announcement))
                announcement.Dispose();
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
        }
    }

    private Announcement ForIPv4(VipAddress vip, LinkEntry link, Func<bool> mayAct)
    {
        var arp = _arp ??= new();
        return new(time, mayAct, sent => arp.Send(link, vip.Address.Address, reply: sent % 2 == 1), null);
    }

    private Announcement ForIPv6(VipAddress vip, LinkEntry link, Func<bool> mayAct)
    {
        var socket = new NeighbourAdvertisement(vip.Address.Address);
        bool isRouter = LinkSettings.Read("ipv6", link.Name, "forwarding") == "1";
        return new(time, mayAct, _ => socket.Send(link, isRouter), socket);
    }
}
