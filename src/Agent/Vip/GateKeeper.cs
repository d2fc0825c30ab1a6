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
    /// <summary>Every attempt is a moment of microseconds that a stranger's transaction has to hit.</summary>
    private const int Attempts = 8;

    private readonly Lock _lock = new();
    private readonly GateElements? _elements;
    private readonly GateReader? _reader;
    private readonly GateInstaller _installer = new();
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

    /// <summary>True once the tables were installed: from then on a gate that cannot be written is a failure.</summary>
    public bool Available { get; private set; }

    /// <summary>Why the tables could not be installed; empty when they could.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Port id whose notifications the watch ignores; 0 without nf_tables.</summary>
    public uint PortId => _elements?.PortId ?? 0;

    /// <summary>Installs the tables for these addresses.</summary>
    /// <returns>False when that failed although this host can have a gate.</returns>
    public bool Prepare(IReadOnlyCollection<VipAddress> guarded)
    {
        lock (_lock)
        {
            _guarded = [.. guarded.Select(g => g.Address.Address)];
            if (_elements is null || !Install())
                return !Available;

            // Whoever calls this opens again what is owned; until then it is not missed, or each look would tell of it again.
            var found = _reader!.Read().Leased;
            foreach (var address in _leased.Keys.Where(a => !found.Contains(a)).ToArray())
                _leased.Remove(address);
            return true;
        }
    }

    /// <summary>
    /// Rule W4: the generation is read first, then the lease is looked at and what is left of it computed, then the
    /// transaction is sent that names the generation. Whatever the guard shut in between makes it void. What anybody else
    /// changed does so too; then all three are done again.
    /// </summary>
    /// <param name="addresses">What to open.</param>
    /// <param name="left">Looks at the lease: what is left of it now, null when it is over. Asked once per attempt, and not
    /// at all when the kernel names no generation.</param>
    public GateRenewal Renew(ReadOnlySpan<IPAddress> addresses, Func<TimeSpan?> left)
    {
        lock (_lock)
        {
            if (!Available || _elements is null)
            {
                _ = left();
                return new(NetlinkResult.Done, Restored: false);
            }

            bool restored = false;
            for (int attempt = 1; ; attempt++)
            {
                var result = _elements.ReadGeneration(out uint generation);
                if (!result.Succeeded)
                    return new(result, restored);
                var composed = Now();
                if (left() is not { } remaining)
                    return new(NetlinkResult.Done, restored);
                result = _elements.Lease(addresses, remaining, generation);
                if (result.IsAbsent && !restored)
                {
                    // Somebody flushed the tables and the watch has not told us yet. Others' leases come back with their
                    // own renewals or after Prepare.
                    if (!Install())
                        return new(new(result.Errno, Reason), restored);
                    restored = true;
                    continue;
                }

                if (result.IsOvertaken && attempt < Attempts)
                    continue;
                Remember(addresses, result, composed + remaining);
                return new(result, restored);
            }
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
            _installer.Dispose();
            Available = false;
        }
    }

    private static BootInstant Now() => new(BootClock.Nanoseconds);

    private void Remember(ReadOnlySpan<IPAddress> addresses, NetlinkResult result, BootInstant until)
    {
        // What was refused has changed nothing: an element that stands ends with the lease that it was written under.
        if (result.IsOvertaken)
            return;
        foreach (var address in addresses)
        {
            // The kernel cuts fractions of a tick off: missing just before the end it is not missed.
            if (result.Succeeded)
                _leased[address] = until - GateElements.ShortestTimeout;
            else
                _leased.Remove(address);
        }
    }

    private bool Install()
    {
        Reason = _installer.Run(GateRuleset.Text(_guarded));
        if (Reason.Length > 0)
            return false;
        Available = true;
        _rules = _reader!.Read().Rules;
        return true;
    }
}

/// <summary>What a renewal of the gate did.</summary>
/// <param name="Result">The kernel's answer.</param>
/// <param name="Restored">True: the tables had gone and were installed anew.</param>
internal readonly record struct GateRenewal(NetlinkResult Result, bool Restored);
