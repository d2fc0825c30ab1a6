using System.CommandLine;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl hosts</c>.</summary>
internal static class HostsCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var command = new Command("hosts", "Show the hosts, and whether their agents are heard.");
        runner.Attach(command, RunAsync);
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
        var table = new Table("HOST", "STATE", "HEARTBEAT", "OWNS", "ADDRESS", "AGENT", "FENCE", "DETAIL");
        foreach (var host in hosts)
        {
            var heard = host.LastHeartbeatAge is null ? "" : $"{Times.Short(host.LastHeartbeatAge)} ago";
            table.Add(
                host.Host.Name,
                HostJson.Word(host.State),
                heard,
                string.Join(",", host.OwnedGroups.Order(StringComparer.Ordinal)),
                host.Address,
                host.AgentVersion,
                host.Host.Fence?.Agent ?? "",
                Detail(host));
        }
        table.Print(call.Out);
        return ExitCode.Done;
    }

    private static string Detail(HostStatus host)
    {
        var reason = host.DrainedReason.Length > 0 ? $": {host.DrainedReason}" : "";
        string[] all = [host.DrainedBy.Length > 0 ? $"drained by {host.DrainedBy}{reason}" : "", host.Detail];
        var detail = string.Join("; ", all.Where(part => part.Length > 0));
        return detail.Length > 0 ? detail : host.Host.Description;
    }
}
