using System.Net;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal;

/// <summary>Whether the ports of programs are free.</summary>
internal static class PortFindings
{
    /// <summary>The finding; null for a port of another machine.</summary>
    public static Finding? Of(ProgramName program, PortFact port, Group group, HostFacts facts)
    {
        if (TargetOf(port.Host, group, facts) is not { } target)
            return null;
        var name = $"{port.Port} ({port.Source})";
        var (verdict, taker) = (Verdict.Ok, (Listener?)null);
        foreach (var listener in port.Listeners)
        {
            var judged = Collision(target, listener.Address);
            if (!port.IsItsOwn && judged == Verdict.Fails)
                judged = Verdict.Warning;
            if (judged > verdict)
                (verdict, taker) = (judged, listener);
        }
        if (taker is null)
            return new("port", program.ToString(), Verdict.Ok, $"{name} is free");
        var who = taker.Pid > 0 ? $"{taker.Process} (pid {taker.Pid})" : "somebody";
        var value = $"{name} is taken: {who} listens on {new IPEndPoint(taker.Address, port.Port)}";
        return verdict == Verdict.Fails
            ? new("port", program.ToString(), verdict, value, "nobody else there: stop it, or give the program another port")
            : new("port", program.ToString(), verdict, value, port.IsItsOwn
                ? $"nobody else there, if the program listens on more than {port.Host}"
                : "nobody else there, if the program listens on it and does not call it");
    }

    /// <summary>The address on this host that is meant; null for none.</summary>
    private static IPAddress? TargetOf(string host, Group group, HostFacts facts)
    {
        if (host.Length == 0)
            return IPAddress.Any;
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        if (!IPAddress.TryParse(host, out var address))
            return null;
        var isHere = IPAddress.IsLoopback(address) || IsAll(address) || facts.Addresses.Any(a => a.Address.Equals(address))
            || group.Vips.Any(v => IPAddress.TryParse(v.Address.Split('/')[0], out var vip) && vip.Equals(address));
        return isHere ? address : null;
    }

    /// <summary>bind(2): a listener on all addresses keeps everybody from the port, one on a single address only those who want that one,
    /// or all. On :: it has IPv4's port as well, unless it has asked not to.</summary>
    private static Verdict Collision(IPAddress target, IPAddress listener)
    {
        if (listener.IsIPv4MappedToIPv6)
            listener = listener.MapToIPv4();
        var sameFamily = target.AddressFamily == listener.AddressFamily;
        if (target.Equals(listener) || (sameFamily && (IsAll(target) || IsAll(listener))))
            return Verdict.Fails;
        if (IsAll(listener))
            return listener.Equals(IPAddress.IPv6Any) ? Verdict.Fails : Verdict.Warning;
        return sameFamily ? Verdict.Warning : Verdict.Ok;
    }

    private static bool IsAll(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
