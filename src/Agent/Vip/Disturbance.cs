using System.Net.NetworkInformation;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Vips;

/// <summary>Somebody else changed something that a lease stands for.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Vip">The VIP concerned; null when it concerns the whole gate or an interface.</param>
/// <param name="Interface">The interface concerned; empty when it concerns the gate.</param>
/// <param name="Detail">For the event log.</param>
/// <param name="Claimant">Who claims the VIP, for <see cref="DisturbanceKind.DuplicateAddress"/>: each of several is told of.</param>
internal sealed record Disturbance(DisturbanceKind Kind, Vip? Vip, string Interface, string Detail, PhysicalAddress? Claimant = null);

/// <summary>What can be disturbed.</summary>
internal enum DisturbanceKind
{
    /// <summary>An address that was opened is gone: deleted by somebody, flushed with its link, or expired.</summary>
    AddressRemoved,

    /// <summary>An address that was opened was replaced by somebody else's.</summary>
    AddressChanged,

    /// <summary>A guarded address that is not open was added by somebody else; the gate keeps it silent.</summary>
    ForeignAddress,

    /// <summary>Our table, a rule, or an element of the gate is gone: call Prepare, then RenewGate for what is open.</summary>
    GateChanged,

    /// <summary>An interface that carries an open VIP lost its carrier or was set down.</summary>
    LinkDown,

    /// <summary>It came back; open VIPs were announced again.</summary>
    LinkUp,

    /// <summary>Somebody else claims an address that is open here (ARP, neighbour discovery); it was announced again.</summary>
    DuplicateAddress,
}
