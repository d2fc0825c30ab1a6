using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Where agents reach each other, as far as they have said so in this leadership: they remember it themselves, so that it needs no
/// place in the database. Only to be touched on the ownership loop's thread.</summary>
internal sealed class PeerAddresses
{
    private readonly Dictionary<string, PeerAddress> _known = new(StringComparer.Ordinal);

    /// <summary>Takes what an agent says.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="problem">What the operator should know; null for nothing.</param>
    /// <returns>True when others are to be told.</returns>
    public bool Note(AgentStream stream, out string? problem)
    {
        problem = null;
        if (stream.PeerAddress.Length == 0)
        {
            _ = _known.Remove(stream.Host);
            return false;
        }
        var said = PeerAddress.Parse(stream.PeerAddress);
        var address = said is { Host.Length: 0 } ? PeerAddress.Parse(From(stream, said.Port)) : said;
        if (address is null)
        {
            problem = $"'{stream.PeerAddress}' is neither HOST:PORT nor :PORT; right would be :7444, 10.0.0.1:7444 or [fd00::1]:7444";
            return false;
        }
        if (address.IsLoopback && !stream.IsFromLoopback)
        {
            problem = $"'{stream.PeerAddress}' is an address of every host; right would be :{address.Port}";
            return false;
        }
        if (address.IsLoopback)
            problem = $"{address} is reached from this machine only; for agents elsewhere give it --peer-address with an address of its own";
        if (_known.TryGetValue(stream.Host, out var before) && before == address)
            return false;
        _known[stream.Host] = address;
        return true;
    }

    /// <summary>Puts the addresses that are known of others into a host's configuration.</summary>
    /// <param name="configuration">Its groups are in it.</param>
    /// <param name="host">The host, which is left out.</param>
    /// <param name="onThisMachine">True: it can reach what listens on loopback here.</param>
    public void AddTo(HostConfiguration configuration, string host, bool onThisMachine)
    {
        foreach (var member in configuration.Groups.SelectMany(g => g.Members).Select(m => m.Host).Where(m => m != host))
        {
            if (_known.TryGetValue(member, out var address) && (onThisMachine || !address.IsLoopback))
                configuration.Peers[member] = address.ToString();
        }
    }

    private static string From(AgentStream stream, int port)
    {
        var address = stream.RemoteAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : stream.RemoteAddress;
        return address is null ? "" : new System.Net.IPEndPoint(address, port).ToString();
    }
}
