using System.Net.NetworkInformation;

namespace HaGrpc.Linux.Links;

/// <summary>A network interface as the kernel reports it (rtnetlink(7), RTM_NEWLINK).</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Name.</param>
/// <param name="Flags">IFF_ flags of linux/if.h.</param>
/// <param name="Type">ARPHRD_ type of linux/if_arp.h; 1 is Ethernet.</param>
/// <param name="HardwareAddress">MAC address; empty where the link has none.</param>
public sealed record LinkEntry(int Index, string Name, uint Flags, ushort Type, PhysicalAddress HardwareAddress)
{
    private const uint Up = 0x1;
    private const uint Running = 0x40;
    private const uint NoArp = 0x80;
    private const ushort Ethernet = 1;

    /// <summary>True when it is set up, with or without a carrier (IFF_UP).</summary>
    public bool IsSetUp => (Flags & Up) != 0;

    /// <summary>True when it is set up and has a carrier (IFF_UP and IFF_RUNNING).</summary>
    public bool IsOperational => (Flags & (Up | Running)) == (Up | Running);

    /// <summary>True when neighbours find it by ARP or neighbour discovery: Ethernet with a 6-byte address.</summary>
    public bool HasNeighbours =>
        Type == Ethernet && (Flags & NoArp) == 0 && HardwareAddress.GetAddressBytes().Length == 6;
}
