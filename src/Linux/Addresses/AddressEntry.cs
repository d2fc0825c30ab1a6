using System.Net;

namespace HaGrpc.Linux.Addresses;

/// <summary>An address as the kernel reports it (rtnetlink(7), RTM_NEWADDR).</summary>
/// <param name="Address">The local address.</param>
/// <param name="PrefixLength">Prefix length.</param>
/// <param name="InterfaceIndex">Index of the interface that carries it.</param>
/// <param name="Label">IPv4 label; empty for IPv6.</param>
/// <param name="Protocol">Who added it (IFA_PROTO); 0 when unknown or on kernels before 5.18.</param>
/// <param name="ValidSeconds">Seconds until the kernel removes it; <see cref="uint.MaxValue"/>: never.</param>
/// <param name="PreferredSeconds">Seconds until it is deprecated; <see cref="uint.MaxValue"/>: never.</param>
/// <param name="Flags">IFA_FLAGS of linux/if_addr.h.</param>
public sealed record AddressEntry(
    IPAddress Address,
    int PrefixLength,
    int InterfaceIndex,
    string Label,
    byte Protocol,
    uint ValidSeconds,
    uint PreferredSeconds,
    uint Flags)
{
    /// <summary>True when it falls with another address of its subnet (IFA_F_SECONDARY, IPv4).</summary>
    public bool IsSecondary => (Flags & AddressMessages.FlagSecondary) != 0 && !IsIPv6;

    /// <summary>True when duplicate address detection is skipped for it (IFA_F_NODAD, IPv6).</summary>
    public bool SkipsDuplicateDetection => (Flags & AddressMessages.FlagNoDad) != 0;

    /// <summary>True while duplicate address detection has not shown that it may be used (IFA_F_TENTATIVE, IFA_F_DADFAILED, IPv6).</summary>
    public bool IsTentative => (Flags & (AddressMessages.FlagTentative | AddressMessages.FlagDadFailed)) != 0;

    /// <summary>True when it is not chosen as a source address by itself (IFA_F_DEPRECATED).</summary>
    public bool IsDeprecated => (Flags & AddressMessages.FlagDeprecated) != 0;

    private bool IsIPv6 => Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
}
