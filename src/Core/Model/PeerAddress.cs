using System.Globalization;
using System.Net;

namespace HaGrpc.Core.Model;

/// <summary>Where agents of other hosts reach an agent (rule F1), as <c>HOST:PORT</c> or <c>:PORT</c>.</summary>
/// <param name="Host">A DNS name, or an address without brackets; empty for the address that the agent connects from.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record PeerAddress(string Host, int Port)
{
    private const int LongestName = 253;

    /// <summary>True when it is an address of the host itself, which nobody else can reach.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads one; null when the text is none.</summary>
    /// <param name="text">For example <c>10.0.0.1:7444</c>, <c>[fd00::1]:7444</c>, <c>db1.example.org:7444</c> or <c>:7444</c>. Addresses that
    /// mean something else on each host (unspecified, or with a scope) are refused.</param>
    public static PeerAddress? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65535)
            return null;
        var host = text[..colon];
        if (host.Length == 0)
            return new("", port);
        if (host[0] == '[')
        {
            host = host[^1] == ']' ? host[1..^1] : "";
            return host.Contains(':', StringComparison.Ordinal) && IsUsable(host) ? new(host, port) : null;
        }
        return IsName(host) && (!IPAddress.TryParse(host, out _) || IsUsable(host)) ? new(host, port) : null;
    }

    /// <summary>As it was written.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    private static bool IsUsable(string host) =>
        !host.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(host, out var address)
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);

    private static bool IsName(string host) =>
        host.Length <= LongestName && host[0] is not ('.' or '-') && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
