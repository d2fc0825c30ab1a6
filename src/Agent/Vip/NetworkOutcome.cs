using System.Collections.Immutable;

namespace HaGrpc.Agent.Vips;

/// <summary>What one call of <see cref="HostNetwork"/> did.</summary>
/// <param name="Failures">What could not be done, one per VIP or route and step; the rest was done.</param>
/// <param name="Warnings">What was done but deserves an operator's eye.</param>
internal sealed record NetworkOutcome(ImmutableArray<NetworkFailure> Failures, ImmutableArray<string> Warnings)
{
    /// <summary>Everything done, nothing to say.</summary>
    public static NetworkOutcome Done { get; } = new([], []);

    /// <summary>True when the kernel did not take the gate's renewal, for instance because others changed nf_tables faster than it
    /// could be written: what stood stands until the lease that it was written under is over.</summary>
    public bool GateRefused { get; init; }

    /// <summary>True when nothing failed.</summary>
    public bool Succeeded => Failures.IsEmpty;

    /// <summary>All failures in one line, separated by semicolons; empty when nothing failed.</summary>
    public override string ToString() => string.Join("; ", Failures);
}

/// <summary>One thing that could not be done.</summary>
/// <param name="Subject">The VIP's address or the route's destination, as configured.</param>
/// <param name="Step">Which part.</param>
/// <param name="Reason">Why, with the kernel's own words where it gave some.</param>
internal sealed record NetworkFailure(string Subject, NetworkStep Step, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Subject}: {Reason}";
}

/// <summary>The parts of claiming and releasing.</summary>
internal enum NetworkStep
{
    /// <summary>The nftables gate (rule W3).</summary>
    Gate,

    /// <summary>The address on its interface (rule W5).</summary>
    Address,

    /// <summary>A route.</summary>
    Route,

    /// <summary>Gratuitous ARP or an unsolicited neighbour advertisement.</summary>
    Announcement,
}
