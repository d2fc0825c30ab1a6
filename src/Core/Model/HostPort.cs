using System.Globalization;

namespace HaGrpc.Core.Model;

/// <summary>Reads <c>host:port</c>, with brackets around an IPv6 address, and what follows a slash.</summary>
public static class HostPort
{
    /// <summary>Reads it.</summary>
    /// <param name="text">For example <c>127.0.0.1:80</c>, <c>[::1]:80</c>, <c>db:80/name</c>.</param>
    /// <param name="host">The host, without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="rest">What follows the slash; empty for none.</param>
    /// <returns>False when it is something else.</returns>
    public static bool TryParse(string text, out string host, out int port, out string rest)
    {
        (host, port, rest) = ("", 0, "");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
            (text, rest) = (text[..slash], text[(slash + 1)..]);
        var colon = text.LastIndexOf(':');
        if (colon < 1)
            return false;
        host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false;
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 1 and <= 65535;
    }
}
