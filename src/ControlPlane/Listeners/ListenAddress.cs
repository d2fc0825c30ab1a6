using System.Net;

namespace HaGrpc.ControlPlane.Listeners;

/// <summary>ADDRESS:PORT as operators write it.</summary>
internal static class ListenAddress
{
    /// <summary>Reads what was validated before.</summary>
    /// <exception cref="FormatException">It was not.</exception>
    public static IPEndPoint Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not ADDRESS:PORT");

    /// <summary>Reads a numeric address with a port; a name would hide which interface it means.</summary>
    public static bool TryParse(string text, out IPEndPoint address)
    {
        var colon = text.LastIndexOf(':');
        var found = IPEndPoint.TryParse(text, out var parsed)
            && colon > 0
            && (parsed.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || text[colon - 1] == ']');
        address = found ? parsed! : new(IPAddress.Loopback, 0);
        return found;
    }
}
