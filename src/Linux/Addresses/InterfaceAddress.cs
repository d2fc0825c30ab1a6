using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HaGrpc.Linux.Addresses;

/// <summary>An address with its prefix length on a named interface.</summary>
/// <param name="Address">IPv4 or IPv6 address; never IPv4-mapped.</param>
/// <param name="PrefixLength">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
/// <param name="Interface">Interface name, 1 to 15 bytes (IFNAMSIZ).</param>
public readonly record struct InterfaceAddress(IPAddress Address, int PrefixLength, string Interface)
{
    /// <summary>True for an IPv6 address.</summary>
    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>True when the prefix covers the address alone: /32 or /128.</summary>
    public bool IsHostPrefix => PrefixLength == (IsIPv6 ? 128 : 32);

    /// <summary>Parses <c>192.0.2.10/32</c> or <c>2001:db8::10/64</c>.</summary>
    /// <param name="cidr">Address, slash, prefix length.</param>
    /// <param name="interfaceName">Interface name; not looked up.</param>
    /// <param name="address">The result.</param>
    /// <returns>False when the text is not an address with a prefix length in range.</returns>
    public static bool TryParse(
        string cidr, string interfaceName, [MaybeNullWhen(false)] out InterfaceAddress address)
    {
        address = default;
        int slash = cidr.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(cidr.AsSpan(0, slash), out var ip) || ip.IsIPv4MappedToIPv6)
            return false;
        int limit = ip.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        if (!int.TryParse(cidr.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            || prefix > limit)
            return false;
        address = new(ip, prefix, interfaceName);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is not an address with a prefix length in range.</exception>
    public static InterfaceAddress Parse(string cidr, string interfaceName) =>
        TryParse(cidr, interfaceName, out var address)
            ? address
            : throw new FormatException(
                $"'{cidr}' is not an address with a prefix length; right would be 192.0.2.10/32 or 2001:db8::10/128");

    /// <summary>The address as <c>192.0.2.10/32 dev eth0</c>.</summary>
    public override string ToString() => $"{Address}/{PrefixLength} dev {Interface}";
}
