using System.CommandLine;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl hosts</c>.</summary>
internal static class HostsCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var watch = WatchOption.Create();
        var command = new Command("hosts", "Show the hosts, and whether their agents are heard.") { watch };
        runner.Attach(command, call => Watch.RunAsync(call, call.Parsed.GetValue(watch), RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call)
    {
        var response = await call.ControlPlane.Admin.ListHostsAsync(new(), call.Short).ConfigureAwait(false);
        call.Say(response.Limits);
        var hosts = response.Hosts.OrderBy(host => host.Host.Name, StringComparer.Ordinal).ToArray();
        if (call.Json)
        {
            Json.Write(call.Out, HostsJson.Of(hosts), shapes => shapes.HostsJson);
            return ExitCode.Done;
        }
        var table = new Table("HOST", "STATE", "HEARTBEAT", "OWNS", "ADDRESS", "AGENT", "FENCE", "+DRAINED SINCE", "+DESCRIPTION", "DETAIL");
        foreach (var host in hosts)
        {
            var heard = host.LastHeartbeatAge is null ? "" : Speech.Of($"{Times.Short(host.LastHeartbeatAge)} ago");
            table.Add(
                host.Host.Name,
                HostJson.Word(host.State),
                heard,
                string.Join(",", host.OwnedGroups.Order(StringComparer.Ordinal)),
                host.Address,
                host.AgentVersion,
                host.Host.Fence?.Agent ?? "",
                host.DrainedSince is null ? "" : Times.Full(host.DrainedSince, call.Surroundings.Time)[..19],
                host.Host.Description,
                Detail(host, call.Surroundings.Time));
        }
        table.Print(call.Out);
        if (hosts.Length == 0 && response.Limits.Length == 0)
            call.Say($"no hosts are registered: 'hactl apply' registers them");
        return ExitCode.Done;
    }

    private static string Detail(HostStatus host, TimeProvider time)
    {
        var revoked = host.Revocation is { } revocation
            ? Speech.Of($"revoked by {ActorName.Shown(revocation.By)} at {Times.Full(revocation.At, time)[..19]}{Behind(revocation.Reason)}")
            : "";
        var drained = host.DrainedBy.Length > 0 ? Speech.Of($"drained by {ActorName.Shown(host.DrainedBy)}{Behind(host.DrainedReason)}") : "";
        string[] all = [revoked, drained, host.Detail];
        var detail = string.Join("; ", all.Where(part => part.Length > 0));
        return detail.Length > 0 ? detail : host.Host.Description;
    }

    private static string Behind(string reason) => reason.Length > 0 ? $": {reason}" : "";
}
