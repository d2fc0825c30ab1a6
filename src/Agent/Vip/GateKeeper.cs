using System.ComponentModel;
using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Gate;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Keeps the nftables gate (rule W3) and remembers what it should look like. The ownership thread changes it and the
/// watching thread compares it, so every member takes the lock; both hold it for well under a millisecond.
/// </summary>
internal sealed class GateKeeper : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GateElements? _elements;
    private readonly GateReader? _reader;
    private readonly Dictionary<IPAddress, BootInstant> _leased = [];
    private HashSet<IPAddress> _guarded = [];
    private IReadOnlySet<string> _rules = new HashSet<string>();

    public GateKeeper()
    {
        try
        {
            _elements = new();
            _reader = new();
        }
        catch (Win32Exception e)
        {
            Reason = $"no nf_tables in this kernel: {e.Message}";
        }
    }

    public bool Available { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>Port id whose notifications the watch ignores; 0 without nf_tables.</summary>
    public uint PortId => _elements?.PortId ?? 0;

    public void Prepare(
        IReadOnlyCollection<VipAddress> guarded, IReadOnlyCollection<KeyValuePair<IPAddress, TimeSpan>> open)
    {
        lock (_lock)
        {
            _guarded = [.. guarded.Select(g => g.Address.Address)];
            if (_elements is null)
                return;
            Install(open);
            if (!Available)
                return;
            var now = Now();
            foreach (var (address, remaining) in open)
                _leased[address] = now + remaining;
        }
    }

    public GateRenewal Renew(ReadOnlySpan<IPAddress> addresses, TimeSpan remaining)
    {
        lock (_lock)
        {
            if (!Available || _elements is null)
                return new(NetlinkResult.Done, Restored: false);
            var until = Now() + remaining;
            var result = _elements.Lease(addresses, remaining);
            bool restored = false;
            if (result.IsAbsent)
            {
                // Somebody flushed the tables and the watch has not told us yet. Others' leases come back with their
                // own renewals or with Prepare.
                Install([]);
                restored = Available;
                remaining = until - Now();
                result = restored ? _elements.Lease(addresses, remaining) : new(result.Errno, Reason);
            }

            foreach (var address in addresses)
            {
                if (result.Succeeded)
                    _leased[address] = until;
                else
                    _leased.Remove(address);
            }

            return new(result, restored);
        }
    }

    public NetlinkResult Shut(ReadOnlySpan<IPAddress> addresses)
    {
        lock (_lock)
        {
            foreach (var address in addresses)
                _leased.Remove(address);
            if (_elements is null)
                return NetlinkResult.Done;
            var result = _elements.Release(addresses);
            return result.IsAbsent || !Available ? NetlinkResult.Done : result;
        }
    }

    /// <summary>Releases everything that is leased except these.</summary>
    /// <returns>What was released.</returns>
    public IReadOnlyCollection<IPAddress> ReleaseAllBut(IReadOnlySet<IPAddress> keep)
    {
        lock (_lock)
        {
            if (!Available || _elements is null || _reader is null)
                return [];
            IPAddress[] leftovers = [.. _reader.Read().LeasedAnywhere.Where(a => !keep.Contains(a))];
            foreach (var address in leftovers)
                _leased.Remove(address);
            var result = _elements.Release(leftovers);
            return result.Succeeded ? leftovers : throw new NetlinkException("release leftovers of the gate", result);
        }
    }

    /// <summary>Compares the kernel's state with what should be.</summary>
    /// <returns>What differs, for the event log; empty when all is well.</returns>
    public string Compare()
    {
        lock (_lock)
        {
            if (!Available || _reader is null)
                return "";
            var found = _reader.Read();
            if (found.Rules.Count == 0)
                return $"nftables tables '{KernelTag.Table}' are gone";
            if (!_rules.SetEquals(found.Rules))
                return $"rules of nftables tables '{KernelTag.Table}' were changed";
            if (!_guarded.SetEquals(found.Guarded))
                return $"nftables set '{KernelTag.Table} guarded' was changed";
            var now = Now();
            string[] missing =
            [
                .. _leased.Where(l => now < l.Value && !found.Leased.Contains(l.Key)).Select(l => l.Key.ToString()),
            ];
            return missing.Length == 0
                ? ""
                : $"removed from nftables set '{KernelTag.Table} leased': {string.Join(", ", missing)}";
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _elements?.Dispose();
            _reader?.Dispose();
            Available = false;
        }
    }

    private static BootInstant Now() => new(BootClock.Nanoseconds);

    private void Install(IReadOnlyCollection<KeyValuePair<IPAddress, TimeSpan>> open)
    {
        Reason = GateInstaller.Run(GateRuleset.Text(_guarded, open));
        Available = Reason.Length == 0;
        if (Available)
            _rules = _reader!.Read().Rules;
    }
}

/// <summary>What a renewal of the gate did.</summary>
/// <param name="Result">The kernel's answer.</param>
/// <param name="Restored">True: the tables had gone and were installed anew.</param>
internal readonly record struct GateRenewal(NetlinkResult Result, bool Restored);
