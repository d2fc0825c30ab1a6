using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>Which cgroups a kernel offers.</summary>
public enum CgroupKind
{
    /// <summary>None of version 2.</summary>
    None,

    /// <summary>Version 2 beside version 1: enough to keep a tree together, not for limits.</summary>
    Hybrid,

    /// <summary>Version 2.</summary>
    Unified,
}

/// <summary>Whether a program whose command begins with sudo may be started without a password.</summary>
/// <param name="Program">The program.</param>
/// <param name="Problem">Why not; empty when it may.</param>
public sealed record SudoFact(ProgramName Program, string Problem);

/// <summary>What a host is like beyond what its groups name.</summary>
/// <param name="HasShim">Whether <paramref name="ShimPath"/> is there.</param>
/// <param name="ShimPath">Where the agent looks for ha-shim.</param>
/// <param name="HasPidFd">Whether the kernel has process descriptors (Linux 5.3).</param>
/// <param name="Cgroups">Which cgroups it has.</param>
/// <param name="WatchdogDevice">The watchdog's device; null when the agent is told to use none.</param>
/// <param name="HasWatchdog">Whether the device is there.</param>
/// <param name="Sudo">Programs that begin with sudo.</param>
/// <param name="ArpIgnore">arp_ignore of the interfaces of IPv4 VIPs.</param>
public sealed record PreflightFacts(
    bool HasShim,
    string ShimPath,
    bool HasPidFd,
    CgroupKind Cgroups,
    string? WatchdogDevice,
    bool HasWatchdog,
    ImmutableArray<SudoFact> Sudo,
    ImmutableDictionary<string, int> ArpIgnore);
