using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl events [--follow]</c>: the history, one line (or JSON object) for each event.</summary>
internal static class EventsCommand
{
    private const int Most = 10_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    internal static Command Create(CommandRunner runner)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "then wait for new ones, until interrupted" };
        var group = new Option<string?>("--group") { Description = "only of this group", HelpName = "GROUP" };
        var host = new Option<string?>("--host") { Description = "only of this host", HelpName = "HOST" };
        var kinds = new Option<string[]>("--kind") { Description = "only of this kind; may be given several times", HelpName = "KIND" };
        var count = Count("how many stored ones", 0, Most, 20);
        var command = new Command("events", "Show what happened and why.") { follow, group, host, kinds, count };
        runner.Attach(command, call =>
        {
            var filter = new EventFilter
            {
                Group = call.Parsed.GetValue(group) ?? "",
                Host = call.Parsed.GetValue(host) ?? "",
                Kinds = { call.Parsed.GetValue(kinds) ?? [] },
            };
            var number = call.Parsed.GetValue(count);
            return call.Parsed.GetValue(follow) ? FollowAsync(call, filter, number) : ListAsync(call, filter, number);
        });
        return command;
    }

    /// <summary><c>-n N</c>: how many of the newest.</summary>
    internal static Option<int> Count(string description, int least, int most, int usual) => new("--count", "-n")
    {
        Description = $"{description}, {least} to {most}; the newest",
        HelpName = "N",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
                return number;
            result.AddError(Speech.Of($"-n {text}: must be {least} to {most}"));
            return least;
        },
    };

    private static async Task<int> ListAsync(CommandRunner.Call call, EventFilter filter, int count)
    {
        // On the wire 0 means the default number; nothing was asked for, so nothing is the answer.
        if (count == 0)
            return ExitCode.Done;
        var request = new ListEventsRequest { Filter = filter, Limit = count };
        var response = await call.ControlPlane.Admin.ListEventsAsync(request, call.Short).ConfigureAwait(false);
        foreach (var item in response.Events)
            Print(call, item);
        if (response.Events.Count == 0 && await EventSubjects.ProblemsAsync(call, filter).ConfigureAwait(false) is { Count: > 0 } problems)
            throw new UsageException(string.Join("\nhactl: ", problems));
        return ExitCode.Done;
    }

    /// <summary>Until interrupted, over restarts of the control plane: each answer says where to go on. Only what cannot
    /// be had from the beginning, and what another try does not mend, ends it.</summary>
    private static async Task<int> FollowAsync(CommandRunner.Call call, EventFilter filter, int count)
    {
        var request = new WatchEventsRequest { Filter = filter, Backlog = count };
        var (pause, told) = (FirstPause, "");
        // It may be registered while somebody waits for it.
        foreach (var problem in await EventSubjects.ProblemsAsync(call, filter).ConfigureAwait(false))
            call.Say(problem);
        while (true)
        {
            string reason;
            try
            {
                using var stream = call.ControlPlane.Admin.WatchEvents(request, call.Patient);
                await foreach (var answer in stream.ResponseStream.ReadAllAsync(call.Cancellation).ConfigureAwait(false))
                {
                    if (told.Length > 0)
                        call.Surroundings.Error.Tell($"hactl: follows {call.ControlPlane.Endpoint.Url} again, nothing was missed");
                    (pause, told) = (FirstPause, "");
                    if (answer.Event is not null)
                        Print(call, answer.Event);
                    await call.Out.FlushAsync(call.Cancellation).ConfigureAwait(false);
                    if (!call.Surroundings.HasReader())
                        return ExitCode.Done;
                    request.ResumeAfter = answer.Position;
                }
                reason = Speech.Of($"the control plane at {call.ControlPlane.Endpoint.Url} ended the stream");
            }
            catch (RpcException failure) when (request.HasResumeAfter && !call.Cancellation.IsCancellationRequested
                && CallFailure.Passing(failure, call.ControlPlane.Endpoint) is not null)
            {
                reason = CallFailure.Passing(failure, call.ControlPlane.Endpoint)!;
            }
            if (reason != told)
                call.Surroundings.Error.Tell($"hactl: {reason}; trying again until Ctrl-C");
            told = reason;
            await Task.Delay(pause, call.Cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static void Print(CommandRunner.Call call, Event item)
    {
        if (call.Json)
            Json.Write(call.Out, EventJson.Of(item), shapes => shapes.EventJson, line: true);
        else
            EventLines.Print(item, call.Out, call.Surroundings.Time);
    }
}
