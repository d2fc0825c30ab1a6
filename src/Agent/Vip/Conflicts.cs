using System.Net.NetworkInformation;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Who else claims the addresses that this host has opened, how often that is answered, and how often it is told. Bounded, whatever
/// a stranger sends. Not for several threads at once.
/// </summary>
/// <param name="time">Measures how long something lasts.</param>
internal sealed class Conflicts(TimeProvider time)
{
    /// <summary>RFC 5227 section 2.4, DEFEND_INTERVAL: more often than this a host that means to keep its address does not announce it
    /// against another, or two of them would fill the network.</summary>
    public static readonly TimeSpan DefendInterval = TimeSpan.FromSeconds(10);

    /// <summary>A conflict that lasts is told again after this time, with what was seen meanwhile.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);

    /// <summary>One that was quiet for this time is over: the next sight of it is a new one.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Of one VIP. A network in which more claim it is under attack, and these say so well enough.</summary>
    public const int MostOthers = 8;

    private readonly Dictionary<Vip, long> _defended = [];
    private readonly Dictionary<Vip, Dictionary<PhysicalAddress, Other>> _others = [];

    /// <summary>Somebody else claims an open VIP.</summary>
    /// <param name="vip">The VIP.</param>
    /// <param name="mac">Of the other.</param>
    public ConflictAnswer Note(Vip vip, PhysicalAddress mac)
    {
        long now = time.GetTimestamp();
        bool defend = !_defended.TryGetValue(vip, out long last) || time.GetElapsedTime(last, now) >= DefendInterval;
        if (defend)
            _defended[vip] = now;
        return new(defend, Tell(vip, mac, now));
    }

    /// <summary>Forgets all VIPs but these.</summary>
    public void KeepOnly(IReadOnlySet<Vip> vips)
    {
        foreach (var gone in _defended.Keys.Where(v => !vips.Contains(v)).ToArray())
            _ = _defended.Remove(gone) | _others.Remove(gone);
    }

    private string Tell(Vip vip, PhysicalAddress mac, long now)
    {
        if (!_others.TryGetValue(vip, out var others))
            _others[vip] = others = [];
        foreach (var quiet in others.Where(o => time.GetElapsedTime(o.Value.Seen, now) >= ForgetAfter).Select(o => o.Key).ToArray())
            others.Remove(quiet);
        if (others.TryGetValue(mac, out var known))
        {
            known.Seen = now;
            known.Times++;
            if (time.GetElapsedTime(known.Told, now) < TellInterval)
                return "";
            known.Told = now;
            long seconds = (long)time.GetElapsedTime(known.First, now).TotalSeconds;
            return $"{vip.Address} on {vip.Interface} is still claimed by {Text(mac)} too, since {seconds} s, seen {known.Times} times: "
                + $"some clients talk to that machine; {Advice}";
        }

        if (others.Count == MostOthers)
            return "";
        others[mac] = new() { First = now, Seen = now, Told = now, Times = 1 };
        return $"{vip.Address} on {vip.Interface} is claimed by {Text(mac)} too ({Protocol(vip)}): this host owns it and announces it again; {Advice}";
    }

    private const string Advice = "find the machine of that MAC and take the address from it";

    private static string Protocol(Vip vip) => vip.Address.Contains(':', StringComparison.Ordinal) ? "neighbour discovery" : "ARP";

    private static string Text(PhysicalAddress mac) => string.Join(':', mac.GetAddressBytes().Select(b => b.ToString("x2", null)));

    private sealed class Other
    {
        public long First { get; init; }

        public long Seen { get; set; }

        public long Told { get; set; }

        public long Times { get; set; }
    }
}

/// <summary>What to do about a conflict.</summary>
/// <param name="Defend">True: announce once.</param>
/// <param name="Tell">For the event log; empty: nothing now.</param>
internal readonly record struct ConflictAnswer(bool Defend, string Tell);
