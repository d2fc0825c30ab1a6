using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// The host's share of a group's ownership in the network: the gate, the addresses, the routes, the announcements
/// (rules W3 to W5). Decides nothing: the ownership loop calls it from its one thread and has checked rule L7 right
/// before. All sockets belong to the network namespace of the thread that constructs it.
/// </summary>
internal sealed class HostNetwork : IDisposable
{
    private readonly TimeProvider _time;
    private readonly GateKeeper _gate = new();
    private readonly AddressKeeper _addresses = new();
    private readonly RouteKeeper _routes = new();
    private readonly Announcer _announcer;
    private readonly NetworkWatcher _watcher;
    private readonly LinkView _links;
    private readonly OwnerSearch _search;
    private readonly DuplicateProbes _probes;
    private readonly DuplicateWatch _duplicates;

    /// <summary>Opens the sockets and starts watching.</summary>
    /// <param name="time">Paces the announcements.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel gives no rtnetlink socket.</exception>
    public HostNetwork(TimeProvider time)
    {
        _time = time;
        _links = new(time);
        _announcer = new(time);
        _search = new(time, _links, (vip, link) => _ = _announcer.Probe(vip, link));
        _probes = new(time, _links, (vip, link, own) => _ = _announcer.AskOthers(vip, link, own));
        _watcher = new(_gate, _addresses, AnnounceAgain, link => LinkChanged?.Invoke(link), disturbance => Disturbed?.Invoke(disturbance));
        _duplicates = new(_links, _addresses, _announcer, _search, time, disturbance => Disturbed?.Invoke(disturbance));
    }

    /// <summary>Raised by the watching thread; the handler must return at once (post to the ownership loop).</summary>
    public event Action<Disturbance>? Disturbed;

    /// <summary>Raised by the watching thread with a link that is another one now, also with one that is gone; null: any may be. The handler must
    /// return at once.</summary>
    public event Action<LinkEntry?>? LinkChanged;

    /// <summary>The links, for any thread.</summary>
    public LinkView Links => _links;

    /// <summary>False when nf_tables cannot be used on this host: addresses are managed all the same, and the takeover margin must
    /// be 3.1 s or more. Known after <see cref="Prepare"/>; what fails after that is a failure, not a host without a gate.</summary>
    public bool GateAvailable => _gate.Available;

    /// <summary>Why the gate is not available; empty when it is.</summary>
    public string GateReason => _gate.Reason;

    /// <summary>Installs our tables where they are absent and sets exactly the guarded addresses, in one transaction;
    /// elements that are leased stay, so an agent's restart drops no packet. It opens nothing: after
    /// <see cref="DisturbanceKind.GateChanged"/> call it again, and then <see cref="RenewGate"/> for each owned group.</summary>
    /// <param name="guarded">Every VIP of every group this host is a member of.</param>
    /// <returns>Warnings name interfaces that are missing and guarded addresses that somebody else has added.</returns>
    public NetworkOutcome Prepare(IReadOnlyCollection<Vip> guarded)
    {
        var outcome = new OutcomeBuilder();
        var parsed = outcome.Parse(guarded, NetworkStep.Gate);
        if (!_gate.Prepare(parsed))
            outcome.Fail("nftables", NetworkStep.Gate, $"the gate's tables cannot be installed: {_gate.Reason}");
        _addresses.Prepare(parsed, outcome);
        _search.KeepOnly(parsed);
        _duplicates.Watch(parsed);
        if (_duplicates.Reason.Length > 0)
            outcome.Warn($"nobody would notice another machine that claims a VIP: {_duplicates.Reason}");
        return outcome.Build();
    }

    /// <summary>Removes addresses with our tag, routes with our protocol and leased elements that are not to be kept.</summary>
    /// <returns>Warnings name what was removed.</returns>
    public NetworkOutcome RemoveLeftovers(IReadOnlyCollection<Vip> keep, IReadOnlyCollection<Route> keepRoutes)
    {
        var outcome = new OutcomeBuilder();
        var parsed = outcome.Parse(keep, NetworkStep.Address);
        foreach (var address in _gate.ReleaseAllBut(parsed.Select(k => k.Address.Address).ToHashSet()))
            outcome.Warn($"shut the gate for leftover {address}");
        _addresses.RemoveLeftovers(parsed, outcome);
        _routes.RemoveLeftovers(keepRoutes, outcome);
        return outcome.Build();
    }

    /// <summary>Opens the gate until the lease's end: one transaction, void when the guard shut after
    /// <paramref name="left"/> was asked (rule W4). Tables that were flushed are installed anew. Below 20 ms of lease the gate
    /// is shut instead, and that is a failure.</summary>
    /// <param name="vips">The group's VIPs.</param>
    /// <param name="left">Looks at the lease (rule L7): what remains of it at this instant, <see cref="TimeSpan.MaxValue"/> for
    /// no end, null when it is over; then nothing is written. Asked again for each attempt; not asked when the kernel does
    /// not answer, which is a failure.</param>
    public NetworkOutcome RenewGate(IReadOnlyCollection<Vip> vips, Func<TimeSpan?> left)
    {
        var outcome = new OutcomeBuilder();
        var parsed = outcome.Parse(vips, NetworkStep.Gate);
        var (result, restored) = _gate.Renew(Addresses(parsed), left);
        outcome.GateRefused = !result.Succeeded;
        if (restored)
            outcome.Warn("nftables tables of the gate had gone and were installed anew");
        if (!result.Succeeded)
        {
            foreach (var (vip, _) in parsed)
                outcome.Fail(vip.Address, NetworkStep.Gate, $"gate cannot be opened: {result}");
        }

        return outcome.Build();
    }

    /// <summary>Adds or renews the addresses, for what remains of the lease, with a kernel lifetime one to two seconds longer than the lease. One that was
    /// gone comes back; IPv4 routes that had it as their source do not: call <see cref="AddRoutes"/> then.</summary>
    public NetworkOutcome RenewAddresses(IReadOnlyCollection<Vip> vips, TimeSpan remaining)
    {
        var outcome = new OutcomeBuilder();
        _addresses.Renew(outcome.Parse(vips, NetworkStep.Address), remaining, outcome);
        return outcome.Build();
    }

    /// <summary>Shuts the gate, then removes the addresses, and cancels their announcements. For those that were announced the
    /// search for the next owner begins. Idempotent.</summary>
    public NetworkOutcome Shut(IReadOnlyCollection<Vip> vips)
    {
        var outcome = new OutcomeBuilder();
        var parsed = outcome.Parse(vips, NetworkStep.Address);
        var result = _gate.Shut(Addresses(parsed));
        foreach (var (vip, _) in parsed)
        {
            if (!result.Succeeded)
                outcome.Fail(vip.Address, NetworkStep.Gate, $"gate cannot be shut: {result}");
        }

        parsed.ForEach(p => _probes.End(p.Vip));
        List<VipAddress> announced = [.. parsed.Where(p => _announcer.Cancel(p.Vip))];
        _addresses.Shut(parsed, outcome);
        announced.ForEach(_search.Begin);
        return outcome.Build();
    }

    /// <summary>Adds routes, with our protocol number, beside those of others (never in place of them). Idempotent.</summary>
    public NetworkOutcome AddRoutes(IReadOnlyCollection<Route> routes)
    {
        var outcome = new OutcomeBuilder();
        _routes.Add(routes, outcome);
        return outcome.Build();
    }

    /// <summary>Removes routes. Idempotent.</summary>
    public NetworkOutcome RemoveRoutes(IReadOnlyCollection<Route> routes)
    {
        var outcome = new OutcomeBuilder();
        _routes.Remove(routes, outcome);
        return outcome.Build();
    }

    /// <summary>Announces the VIPs five times now, five times after five seconds, and once after each interval; replaces a running announcement of
    /// the same VIPs and is repeated when their link comes back, until <see cref="Shut"/>. The first packet of each is sent
    /// before it returns. From then on it also asks who else has them.</summary>
    /// <param name="vips">VIPs that are open.</param>
    /// <param name="mayAct">Asked right before every packet, also from other threads (rule L7).</param>
    /// <param name="interval">Zero: never after the ten.</param>
    /// <param name="probeInterval">From one question to the next; zero: only with announcements.</param>
    public NetworkOutcome Announce(
        IReadOnlyCollection<Vip> vips, Func<bool> mayAct, TimeSpan interval = default, TimeSpan probeInterval = default)
    {
        var outcome = new OutcomeBuilder();
        foreach (var vip in outcome.Parse(vips, NetworkStep.Announcement))
        {
            _search.End(vip.Vip);
            string error = _addresses.FindLink(vip.Vip.Interface) is { } link
                ? _announcer.Start(vip, link, mayAct, interval)
                : $"this host has no interface '{vip.Vip.Interface}'";
            if (error.Length > 0)
                outcome.Fail(vip.Vip.Address, NetworkStep.Announcement, $"cannot be announced on '{vip.Vip.Interface}': {error}");
            _probes.Begin(vip, mayAct, probeInterval);
        }

        return outcome.Build();
    }

    /// <summary>Drops the TCP connections whose local end is one of the VIPs, and not what listens there. Completes after
    /// <see cref="ConnectionDrop.Patience"/> at the latest.</summary>
    public Task<DroppedConnections> DropConnectionsAsync(IReadOnlyCollection<Vip> vips) =>
        ConnectionDrop.BeginAsync(Addresses(new OutcomeBuilder().Parse(vips, NetworkStep.Address)), _time);

    /// <summary>Stops watching and announcing and closes the sockets; nothing is removed from the kernel.</summary>
    public void Dispose()
    {
        _watcher.Dispose();
        _duplicates.Dispose();
        _search.Dispose();
        _probes.Dispose();
        _announcer.Dispose();
        _routes.Dispose();
        _addresses.Dispose();
        _gate.Dispose();
        _links.Dispose();
    }

    private static IPAddress[] Addresses(List<VipAddress> vips) => [.. vips.Select(v => v.Address.Address)];

    private void AnnounceAgain(LinkEntry link) =>
        _announcer.Repeat(new OutcomeBuilder().Parse(_addresses.OpenOn(link.Name), NetworkStep.Announcement), link);
}
