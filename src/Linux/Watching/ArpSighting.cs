using System.Net;
using System.Net.NetworkInformation;

namespace HaGrpc.Linux.Watching;

/// <summary>An ARP frame about a watched address.</summary>
/// <param name="InterfaceIndex">Where it came in.</param>
/// <param name="Sender">The MAC address that the frame gives as its sender's.</param>
/// <param name="Address">The watched address.</param>
/// <param name="IsProbe">True: the sender asks who has it and claims nothing yet (RFC 5227 section 2.1.1); false: it says that the
/// address is its own.</param>
public sealed record ArpSighting(int InterfaceIndex, PhysicalAddress Sender, IPAddress Address, bool IsProbe);
