using System.Net;

namespace HaGrpc.Linux.Gate;

/// <summary>What stands of the gate in the kernel at one moment.</summary>
/// <param name="Rules">Every rule of our tables by family, chain and handle, and every table that is dormant: what somebody
/// else changes shows here, since the kernel never uses a handle twice. Empty when our tables are not there.</param>
/// <param name="Guarded">Addresses that are guarded in every table of their family (IPv4: arp and ip).</param>
/// <param name="Leased">Addresses that are leased in every table of their family.</param>
/// <param name="LeasedAnywhere">Addresses that are leased in any table.</param>
public sealed record GateSnapshot(
    IReadOnlySet<string> Rules,
    IReadOnlySet<IPAddress> Guarded,
    IReadOnlySet<IPAddress> Leased,
    IReadOnlySet<IPAddress> LeasedAnywhere);
