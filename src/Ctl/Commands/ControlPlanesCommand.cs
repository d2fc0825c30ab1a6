using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl control-planes</c>: each endpoint of the list, and which one leads.</summary>
internal static class ControlPlanesCommand
{
    // The database may be looked at for two seconds.
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(4);

    internal static Command Create(CommandRunner runner)
    {
        var watch = WatchOption.Create();
        var command = new Command("control-planes", "Show the control planes, and which one leads.") { watch };
        runner.Attach(command, call => Watch.RunAsync(call, call.Parsed.GetValue(watch), RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call)
    {
        var answers = await Task.WhenAll(call.ControlPlane.Replicas.Select(replica => AskAsync(call, replica))).ConfigureAwait(false);
        var lines = answers.Select(answer => answer.Line).ToArray();
        call.Cancellation.ThrowIfCancellationRequested();
        var unnamed = lines.FirstOrDefault(line => line.Role == "follower" && lines.All(other => other.Role != "leader"));
        if (call.Json)
        {
            Json.Write(call.Out, new ControlPlanesJson(lines), shapes => shapes.ControlPlanesJson);
        }
        else
        {
            var table = new Table("ENDPOINT", "ROLE", "TERM", "SINCE", "DATABASE", "VERSION", "+ID", "+LEADER", "DETAIL");
            foreach (var (line, since) in answers)
            {
                table.Add(
                    line.Endpoint,
                    line.Role,
                    line.Term?.ToString(CultureInfo.InvariantCulture) ?? "",
                    since is null ? "" : Times.Full(since, call.Surroundings.Time)[..19],
                    line.DatabaseOk is null ? "" : line.DatabaseOk.Value ? "ok" : "not usable",
                    line.Version ?? "",
                    line.Id ?? "",
                    line.LeaderAddress ?? line.LeaderId ?? "",
                    line.DatabaseOk is false ? $"{line.DatabaseDetail}; {line.Detail}" : line.Detail);
            }
            table.Print(call.Out);
        }
        if (lines.Any(line => line.Role == "leader"))
            return ExitCode.Done;
        if (unnamed is { LeaderAddress.Length: > 0 })
            call.Say($"the leader is said to be at {unnamed.LeaderAddress}, which is not in this list or does not answer: give it by --endpoint or HACTL_ENDPOINT");
        else
            call.Say("none of these leads");
        return ExitCode.NotRunning;
    }

    private static string? NonEmpty(string text) => text.Length > 0 ? text : null;

    private static async Task<(ControlPlaneJson Line, Timestamp? Since)> AskAsync(CommandRunner.Call call, Replica replica)
    {
        try
        {
            var said = await replica.Admin.GetControlPlaneAsync(new() { CheckDatabase = true }, call.Within(Answer)).ConfigureAwait(false);
            var role = said.Role switch
            {
                ControlPlaneRole.Leader => "leader",
                ControlPlaneRole.Follower => "follower",
                _ => "undecided",
            };
            ControlPlaneJson line = new(
                replica.Endpoint.Url,
                role,
                said.Term == 0 ? null : said.Term,
                Times.Machine(said.Since),
                NonEmpty(said.LeaderAddress),
                NonEmpty(said.LeaderId),
                said.Id,
                said.Version,
                said.DatabaseOk,
                said.DatabaseDetail,
                said.Detail);
            return (line, said.Since);
        }
        catch (RpcException failure)
        {
            ControlPlaneJson line = new(
                replica.Endpoint.Url, "away", null, null, null, null, null, null, null, null, CallFailure.Explain(failure, replica.Endpoint).Message);
            return (line, null);
        }
    }
}
