using System.Globalization;
using System.Net;

namespace HaGrpc.Core.Model;

/// <summary>An address with a prefix length, both kept as written: <c>10.0.0.100/24</c> is not cut to its network.</summary>
/// <param name="Address">IPv4 or IPv6, without a scope.</param>
/// <param name="Length">Bits of the network: 0 to 32 or 0 to 128.</param>
public sealed record IpPrefix(IPAddress Address, int Length)
{
    /// <summary>True for IPv6.</summary>
    public bool IsV6 => AddressBits == 128;

    /// <summary>32 or 128.</summary>
    public int AddressBits => Address.GetAddressBytes().Length * 8;

    /// <summary>The first address of the network: all bits behind the prefix are zero.</summary>
    public IPAddress Network => new(Masked(ones: false));

    /// <summary>The last address of the network: all bits behind the prefix are one (IPv4: the broadcast address).</summary>
    public IPAddress Last => new(Masked(ones: true));

    /// <summary>Reads <c>address/length</c>.</summary>
    /// <returns>False when the slash is missing, the address is not one (see <see cref="TryParseAddress"/>) or the
    /// length is out of range.</returns>
    public static bool TryParse(string text, out IpPrefix? prefix)
    {
        prefix = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryParseAddress(text[..slash], out var address) || address is null)
            return false;
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return false;
        var parsed = new IpPrefix(address, length);
        if (length > parsed.AddressBits)
            return false;
        prefix = parsed;
        return true;
    }

    /// <summary>Reads a bare address: IPv4 as four decimal numbers (not the shorter forms of inet_aton(3), which are
    /// typing errors more often than wishes), IPv6 without brackets and scope.</summary>
    public static bool TryParseAddress(string text, out IPAddress? address)
    {
        address = null;
        if (text.AsSpan().IndexOfAny("[]%/ ") >= 0 || !IPAddress.TryParse(text, out var parsed))
            return false;
        if (parsed.GetAddressBytes().Length == 4 && parsed.ToString() != text)
            return false;
        address = parsed;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    private byte[] Masked(bool ones)
    {
        var bytes = Address.GetAddressBytes();
        for (var bit = Length; bit < bytes.Length * 8; bit++)
        {
            var mask = (byte)(0x80 >> (bit % 8));
            bytes[bit / 8] = (byte)(ones ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
        }
        return bytes;
    }
}
