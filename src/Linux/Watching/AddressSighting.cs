using System.Net;
using System.Net.NetworkInformation;

namespace HaGrpc.Linux.Watching;

/// <summary>A frame of ARP or of neighbour discovery about a watched address.</summary>
/// <param name="InterfaceIndex">Where it came in.</param>
/// <param name="Sender">The MAC address that the frame gives as its sender's, or as the address's.</param>
/// <param name="Address">The watched address.</param>
/// <param name="IsProbe">True: the sender asks in nobody's name who has it and claims nothing yet (RFC 5227 section 2.1.1, RFC 4862
/// section 5.4.2); false: it says that the address is its own.</param>
public sealed record AddressSighting(int InterfaceIndex, PhysicalAddress Sender, IPAddress Address, bool IsProbe);
