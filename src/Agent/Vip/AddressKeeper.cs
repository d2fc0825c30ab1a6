using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Keeps the addresses on their interfaces (rule W5) and remembers which are open. The ownership thread changes it and
/// the watching thread asks it, so every member takes the lock.
/// </summary>
internal sealed class AddressKeeper : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RouteNetlink _route = new();
    private readonly Dictionary<AddressKey, Vip> _open = [];
    private readonly Dictionary<AddressKey, int> _ownRemovals = [];
    private readonly HashSet<string> _promoting = new(StringComparer.Ordinal);
    private Dictionary<AddressKey, Vip> _guarded = [];
    private bool _kernelTags;

    /// <summary>Remembers the guarded addresses, and warns of those that somebody else has put on an interface.</summary>
    public void Prepare(IReadOnlyCollection<VipAddress> guarded, OutcomeBuilder outcome)
    {
        lock (_lock)
        {
            var found = _route.DumpAddresses();
            var guard = new Dictionary<AddressKey, Vip>();
            foreach (var (vip, address) in guarded)
            {
                if (_route.FindLink(vip.Interface, out _) is not { } link)
                {
                    outcome.Warn($"{vip.Address}: this host has no interface '{vip.Interface}'");
                    continue;
                }

                guard[new(address.Address, link.Index)] = vip;
            }

            _guarded = guard;
            foreach (var entry in found)
            {
                if (entry.Protocol != KernelTag.AddressProtocol
                    && guard.TryGetValue(new(entry.Address, entry.InterfaceIndex), out var vip))
                    outcome.Warn(
                        $"{entry.Address}/{entry.PrefixLength} is on {vip.Interface} already, added by somebody else; the gate "
                        + "keeps it silent until this host owns it, and then it is ours: remove it from the host's configuration");
            }
        }
    }

    public void Renew(IReadOnlyCollection<VipAddress> vips, TimeSpan remaining, OutcomeBuilder outcome)
    {
        uint valid = ValidSeconds(remaining);
        lock (_lock)
        {
            foreach (var (vip, address) in vips)
            {
                if (_route.FindLink(vip.Interface, out var found) is not { } link)
                {
                    outcome.Fail(vip.Address, NetworkStep.Address, found.IsAbsent
                        ? $"this host has no interface '{vip.Interface}'"
                        : $"interface '{vip.Interface}' cannot be looked up: {found}");
                    continue;
                }

                if (!address.IsIPv6 && !address.IsHostPrefix && _promoting.Add(vip.Interface))
                    PromoteSecondaries(vip, address, link, outcome);
                string label = address.IsIPv6 ? "" : vip.Label;

                // A deprecated address is not chosen as the source of what the host itself starts (keepalived's way
                // with /128): such connections would break with the next move.
                uint preferred = address is { IsIPv6: true, IsHostPrefix: true } ? 0 : valid;
                var key = new AddressKey(address.Address, link.Index);
                var result = _route.ReplaceAddress(address, link.Index, label, valid, preferred);
                if (result.Succeeded)
                    Remember(key, vip);
                else
                    outcome.Fail(vip.Address, NetworkStep.Address, $"cannot be set on '{vip.Interface}': {result}");
            }
        }
    }

    public void Shut(IReadOnlyCollection<VipAddress> vips, OutcomeBuilder outcome)
    {
        lock (_lock)
        {
            foreach (var (vip, address) in vips)
            {
                foreach (var key in _open.Where(o => o.Value == vip).Select(o => o.Key).ToArray())
                    _open.Remove(key);
                if (_route.FindLink(vip.Interface, out _) is { } link)
                    Delete(address, link.Index, outcome);
            }
        }
    }

    /// <summary>Removes the addresses with our tag that are not to be kept.</summary>
    public void RemoveLeftovers(IReadOnlyCollection<VipAddress> keep, OutcomeBuilder outcome)
    {
        lock (_lock)
        {
            var links = _route.DumpLinks().ToDictionary(l => l.Index, l => l.Name);
            foreach (var entry in _route.DumpAddresses())
            {
                if (entry.Protocol != KernelTag.AddressProtocol)
                    continue;
                var address = new InterfaceAddress(
                    entry.Address, entry.PrefixLength, links.GetValueOrDefault(entry.InterfaceIndex, ""));
                if (keep.Any(k => k.Address == address))
                    continue;
                if (Delete(address, entry.InterfaceIndex, outcome))
                    outcome.Warn($"removed leftover address {address}");
            }
        }
    }

    /// <summary>What of ours a change of the kernel's addresses disturbs; null when it is none of our business.</summary>
    public Disturbance? Judge(AddressEntry entry, bool removed)
    {
        lock (_lock)
        {
            var key = new AddressKey(entry.Address, entry.InterfaceIndex);
            bool ours = entry.Protocol == KernelTag.AddressProtocol;
            _kernelTags |= ours;
            if (removed)
            {
                if (_ownRemovals.Remove(key, out int expected))
                {
                    if (expected > 1)
                        _ownRemovals[key] = expected - 1;
                    return null;
                }

                return _open.TryGetValue(key, out var lost)
                    ? new(DisturbanceKind.AddressRemoved, lost, lost.Interface, $"{lost.Address} was removed from {lost.Interface}")
                    : null;
            }

            // Before Linux 5.18 nothing tells our own additions from others'.
            if (ours || !_kernelTags)
                return null;
            if (_open.TryGetValue(key, out var open))
                return new(
                    DisturbanceKind.AddressChanged, open, open.Interface, $"{open.Address} on {open.Interface} was changed by somebody else");
            return _guarded.TryGetValue(key, out var vip)
                ? new(DisturbanceKind.ForeignAddress, vip, vip.Interface, $"{vip.Address} was added to {vip.Interface} by somebody else")
                : null;
        }
    }

    /// <summary>After lost notifications: the open addresses that are not there.</summary>
    public IReadOnlyList<Disturbance> FindRemoved()
    {
        lock (_lock)
        {
            _ownRemovals.Clear();
            var found = _route.DumpAddresses().Select(e => new AddressKey(e.Address, e.InterfaceIndex)).ToHashSet();
            return
            [
                .. _open.Where(o => !found.Contains(o.Key)).Select(o => new Disturbance(
                    DisturbanceKind.AddressRemoved, o.Value, o.Value.Interface, $"{o.Value.Address} is gone from {o.Value.Interface}")),
            ];
        }
    }

    /// <summary>The open VIPs of an interface.</summary>
    public IReadOnlyList<Vip> OpenOn(string interfaceName)
    {
        lock (_lock)
            return [.. _open.Values.Where(v => v.Interface == interfaceName)];
    }

    /// <summary>The open VIP of an address on an interface; null when this host has not opened it there.</summary>
    public Vip? FindOpen(System.Net.IPAddress address, int interfaceIndex)
    {
        lock (_lock)
            return _open.GetValueOrDefault(new(address, interfaceIndex));
    }

    public LinkEntry? FindLink(string interfaceName)
    {
        lock (_lock)
            return _route.FindLink(interfaceName, out _);
    }

    public IReadOnlyList<LinkEntry> DumpLinks()
    {
        lock (_lock)
            return _route.DumpLinks();
    }

    public void Dispose() => _route.Dispose();

    /// <summary>The remainder rounded up plus one second: the kernel takes the address away up to half a second early.</summary>
    private static uint ValidSeconds(TimeSpan remaining) => remaining == TimeSpan.MaxValue
        ? RouteNetlink.Forever
        : (uint)Math.Min(Math.Max(0, Math.Ceiling(remaining.TotalSeconds)) + 1, RouteNetlink.Forever - 1);

    private void Remember(AddressKey key, Vip vip)
    {
        if (_open.ContainsKey(key))
            return;

        // An interface that was made anew has another index.
        foreach (var old in _open.Where(o => o.Value == vip).Select(o => o.Key).ToArray())
            _open.Remove(old);
        _open[key] = vip;
    }

    private bool Delete(in InterfaceAddress address, int index, OutcomeBuilder outcome)
    {
        var result = _route.DeleteAddress(address, index);
        if (result.Succeeded)
        {
            var key = new AddressKey(address.Address, index);
            _ownRemovals[key] = _ownRemovals.GetValueOrDefault(key) + 1;
        }
        else if (!result.IsAbsent)
        {
            outcome.Fail($"{address.Address}/{address.PrefixLength}", NetworkStep.Address, $"cannot be removed from '{address.Interface}': {result}");
        }

        return result.Succeeded;
    }

    /// <summary>Without it, a VIP that is the first address of its subnet takes the host's own with it when it goes.</summary>
    private static void PromoteSecondaries(Vip vip, in InterfaceAddress address, LinkEntry link, OutcomeBuilder outcome)
    {
        const string Setting = "promote_secondaries";
        if (LinkSettings.Read("ipv4", "all", Setting) == "1" || LinkSettings.Read("ipv4", link.Name, Setting) == "1")
            return;
        string error = LinkSettings.Write("ipv4", link.Name, Setting, "1");
        outcome.Warn(error.Length == 0
            ? $"{vip.Address}: set promote_secondaries=1 on {link.Name}, so that no other address of its subnet falls with it"
            : $"{vip.Address}: if it becomes the primary address of its subnet, {link.Name}'s other addresses of the subnet fall "
                + $"with it: {error}; set it, or use {address.Address}/32");
    }

    private readonly record struct AddressKey(System.Net.IPAddress Address, int InterfaceIndex);
}
