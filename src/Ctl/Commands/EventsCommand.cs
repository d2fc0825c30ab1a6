using System.CommandLine;
using Grpc.Core;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl events [--follow]</c>: the history, one line (or JSON object) for each event.</summary>
internal static class EventsCommand
{
    private const int Most = 10_000;

    internal static Command Create(CommandRunner runner)
    {
        var follow = new Option<bool>("--follow") { Description = "then wait for new ones, until interrupted" };
        var group = new Option<string?>("--group") { Description = "only of this group", HelpName = "GROUP" };
        var host = new Option<string?>("--host") { Description = "only of this host", HelpName = "HOST" };
        var count = new Option<int>("--count", "-n")
        {
            Description = $"how many stored ones, 0 to {Most}; the newest",
            HelpName = "N",
            DefaultValueFactory = _ => 20,
        };
        count.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && number is < 0 or > Most)
                result.AddError($"-n {number}: must be 0 to {Most}");
        });
        var command = new Command("events", "Show what happened and why.") { follow, group, host, count };
        runner.Attach(command, call =>
        {
            var filter = new EventFilter
            {
                Group = call.Parsed.GetValue(group) ?? "",
                Host = call.Parsed.GetValue(host) ?? "",
            };
            var number = call.Parsed.GetValue(count);
            return call.Parsed.GetValue(follow) ? FollowAsync(call, filter, number) : ListAsync(call, filter, number);
        });
        return command;
    }

    private static async Task<int> ListAsync(CommandRunner.Call call, EventFilter filter, int count)
    {
        // On the wire 0 means the default number; nothing was asked for, so nothing is the answer.
        if (count == 0)
            return ExitCode.Done;
        var request = new ListEventsRequest { Filter = filter, Limit = count };
        var response = await call.ControlPlane.Admin.ListEventsAsync(request, call.Short).ConfigureAwait(false);
        foreach (var item in response.Events)
            Print(call, item);
        return ExitCode.Done;
    }

    private static async Task<int> FollowAsync(CommandRunner.Call call, EventFilter filter, int count)
    {
        var request = new WatchEventsRequest { Filter = filter, Backlog = count };
        using var stream = call.ControlPlane.Admin.WatchEvents(request, call.Patient);
        await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
        {
            Print(call, answer.Event);
            await call.Out.FlushAsync(call.Cancellation).ConfigureAwait(false);
        }
        call.Surroundings.Error.WriteLine($"hactl: the control plane at {call.ControlPlane.Endpoint.Url} ended the stream: " +
            "it is shutting down; run the command again");
        return ExitCode.NotRunning;
    }

    private static void Print(CommandRunner.Call call, Event item)
    {
        if (call.Json)
            Json.Write(call.Out, EventJson.Of(item), shapes => shapes.EventJson, line: true);
        else
            EventLines.Print(item, call.Out, call.Surroundings.Time);
    }
}
