using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.HostChecking;

/// <summary>Sends one ICMP echo request. It takes the raw sockets that an agent needs for its announcements as well; without that right the
/// runtime runs ping(8).</summary>
internal static class PingProbe
{
    /// <summary>Asks; never throws. What it comes to, for people.</summary>
    /// <param name="check">The check.</param>
    /// <param name="end">Ends it without an answer.</param>
    public static async Task<(bool IsGood, string Said)> AskAsync(HostCheck check, CancellationToken end)
    {
        using var ping = new Ping();
        try
        {
            var reply = await ping.SendPingAsync(IPAddress.Parse(check.Ping), check.Timeout, cancellationToken: end).ConfigureAwait(false);
            return reply.Status switch
            {
                IPStatus.Success => (true, $"{check.Ping} answers"),
                IPStatus.TimedOut => (false, HostCheckText.Late(check)),
                var other => (false, $"no answer from {check.Ping}: {other}"),
            };
        }
        catch (OperationCanceledException)
        {
            return (false, HostCheckText.Late(check));
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return (false, $"{check.Ping} cannot be asked: {(e.InnerException ?? e).Message}");
        }
    }
}
