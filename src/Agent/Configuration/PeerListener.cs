using System.Net;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Configuration;

/// <summary>How agents of other hosts reach this one, and whether it may reach them.</summary>
/// <param name="Listen">Where it answers; null for nowhere. <see cref="IPAddress.IPv6Any"/> is every address of both families.</param>
/// <param name="Advertised">What the control plane is told: HOST:PORT, or :PORT for the address that this agent connects from; empty when
/// it answers nowhere.</param>
/// <param name="Off">Why it neither answers nor asks, for the operator; empty when it does.</param>
internal sealed record PeerListener(IPEndPoint? Listen, string Advertised, string Off)
{
    /// <summary>The port unless another is given.</summary>
    public const int UsualPort = 7444;

    /// <summary>Neither asks nor answers.</summary>
    public static PeerListener None { get; } = new(null, "", "--peer-listen is off");

    /// <summary>Reads it; mistakes go to <paramref name="errors"/>.</summary>
    /// <param name="values">The settings.</param>
    /// <param name="encrypted">There is a certificate to answer with.</param>
    /// <param name="plaintext">Plain text is accepted.</param>
    /// <param name="errors">Receives one line per mistake.</param>
    public static PeerListener Read(SettingValues values, bool encrypted, bool plaintext, List<string> errors)
    {
        var listener = Listener(values, encrypted, plaintext, errors);
        if (values["Peer:Address"] is not { Text.Length: > 0 } given)
            return listener;
        if (PeerAddress.Parse(given.Text) is not { } address)
        {
            errors.Add($"{given.Source}: '{given.Text}' is neither HOST:PORT nor :PORT; right would be 10.0.0.1:{UsualPort}, [fd00::1]:{UsualPort} or :{UsualPort}");
            return listener;
        }
        if (listener.Listen is null)
            errors.Add($"{given.Source}: nobody answers at '{given.Text}': {(listener.Off.Length > 0 ? listener.Off : "--peer-listen is wrong")}");
        return listener with { Advertised = address.ToString() };
    }

    private static PeerListener Listener(SettingValues values, bool encrypted, bool plaintext, List<string> errors)
    {
        if (values["Peer:Listen"] is not { Text.Length: > 0 } given)
        {
            // Nobody asked for it: an agent that only its own host's control plane knows needs no peers.
            return encrypted || plaintext
                ? new(new(IPAddress.IPv6Any, UsualPort), $":{UsualPort}", "")
                : new(null, "", "it would be plain text: give --tls-cert and --tls-key, or --allow-plaintext in a network that you trust");
        }
        if (given.Text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return None;
        if (!IPEndPoint.TryParse(given.Text, out var address) || address.Port == 0)
            errors.Add($"{given.Source}: '{given.Text}' is neither an address with a port nor off; right would be 0.0.0.0:{UsualPort} or [::]:{UsualPort}");
        else if (!encrypted && !plaintext && !IPAddress.IsLoopback(address.Address))
            errors.Add($"{given.Source}: '{given.Text}' would take and give promises in plain text: give --tls-cert and --tls-key, or --allow-plaintext in a network that you trust");
        else
            return new(address, $":{address.Port}", "");
        return new(null, "", "");
    }
}
