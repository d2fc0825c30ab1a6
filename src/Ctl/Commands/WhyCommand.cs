using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Core.Access;
using HaGrpc.Core.Events;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl why GROUP</c>: why a group is where it is: the last change of owner, what led to it and what it took. <c>hactl why GROUP:PROGRAM</c>: why a program is in its state.</summary>
internal static class WhyCommand
{
    private const int Most = 1000;
    private const string Taken = "OwnershipTaken";

    // What happened long before is no cause of it, and there may be much of it.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(2);

    private const string Suspected = "HostSuspected";

    internal static Command Create(CommandRunner runner)
    {
        var subject = new Argument<string>("GROUP|GROUP:PROGRAM") { Description = "the group, or one of its programs" };
        var epoch = new Option<long>("--epoch")
        {
            Description = "the change that began this epoch (see 'hactl history'); else the last one",
            HelpName = "N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0)
                    return number;
                result.AddError(Speech.Of($"--epoch {text}: must be a number above 0"));
                return 0;
            },
        };
        var command = new Command("why", "Explain why a group is where it is, or a program in its state.") { subject, epoch };
        runner.Attach(command, call =>
        {
            var name = call.Parsed.GetValue(subject)!;
            return name.Contains(':', StringComparison.Ordinal)
                ? OfProgramAsync(call, name, call.Parsed.GetValue(epoch))
                : RunAsync(call, name, call.Parsed.GetValue(epoch));
        });
        return command;
    }

    private static async Task<int> OfProgramAsync(CommandRunner.Call call, string selector, long epoch)
    {
        var (group, name) = Selectors.Split(selector);
        if (group.Length == 0 || name.Length == 0)
            throw new UsageException($"{selector}: one program is explained at a time: name it as GROUP:PROGRAM");
        if (epoch > 0)
            throw new UsageException($"--epoch {epoch}: is about a group: hactl why {group} --epoch {epoch}");
        var why = await call.ControlPlane.Explanation.ExplainProgramAsync(new() { Group = group, Name = name }, call.Short).ConfigureAwait(false);
        call.Say(why.Limits);
        if (call.Json)
            Json.Write(call.Out, WhyProgramJson.Of(group, name, why), shapes => shapes.WhyProgramJson);
        else
            WhyProgramLines.Print(why, call.Out, call.Surroundings.Time);
        return ExitCode.Done;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string group, long epoch)
    {
        var groups = await call.ControlPlane.Admin.ListGroupsAsync(new() { Names = { group } }, call.Short).ConfigureAwait(false);
        call.Say(groups.Limits);
        var now = groups.Groups.Count > 0 ? groups.Groups[0] : null;
        var moves = await HistoryCommand.ReadAsync(call, group, epoch > 0 ? Most : 2).ConfigureAwait(false);
        var move = epoch > 0 ? moves.FirstOrDefault(m => m.Epoch == epoch) : moves.Count > 0 ? moves[^1] : null;
        if (move is null && epoch > 0)
        {
            call.Surroundings.Error.WriteLine($"{group}: ERROR (epoch {epoch} is none of its last {Most} changes of owner; see 'hactl history {group}')");
            return ExitCode.Refused;
        }
        if (move is null && now is null)
        {
            call.Surroundings.Error.WriteLine($"{group}: ERROR (no such group)");
            return ExitCode.Refused;
        }
        var former = move is null ? null : moves.LastOrDefault(m => m.Epoch < move.Epoch);
        var events = move is null ? [] : await EventsAsync(call, move, former).ConfigureAwait(false);
        var word = former is not null && events.Any(e => e.Kind == Suspected && e.Host == former.To)
            ? await WordAsync(call, former.To, move!, moves.FirstOrDefault(m => m.Epoch > move!.Epoch)).ConfigureAwait(false) : null;
        if (word is not null)
            events = [.. events.Append(word).OrderBy(e => e.At?.ToDateTimeOffset()).ThenBy(e => e.Id)];
        if (call.Json)
            Json.Write(call.Out, WhyJson.Of(move, events, now), shapes => shapes.WhyJson);
        else
            Print(call, group, move, word, events, now);
        return ExitCode.Done;
    }

    /// <summary>Of the group: both epochs, also what the former owner could only tell later. Of the former owner: what led to it.</summary>
    private static async Task<IReadOnlyList<Event>> EventsAsync(CommandRunner.Call call, Move move, Move? former)
    {
        var since = move.At is null ? null : Latest(former?.At, Timestamp.FromDateTimeOffset(move.At.ToDateTimeOffset() - Before));
        var ofGroup = await ListAsync(call, new() { Group = move.Group, Kinds = { EventKinds.Of(Story.OfGroup) }, Since = since }).ConfigureAwait(false);
        var taken = ofGroup.FirstOrDefault(e => e.Kind == Taken && e.Epoch == move.Epoch)?.Id ?? move.EventId;
        var story = ofGroup.Where(e => e.Id > (former?.EventId ?? 0)
            && (e.Id <= taken || e.Epoch == former?.Epoch) && (e.Kind != Taken || e.Epoch == move.Epoch)).ToList();
        if (former is not null)
        {
            var ofHost = await ListAsync(call, new() { Host = former.To, Kinds = { EventKinds.Of(Story.OfOwner) }, Since = since }).ConfigureAwait(false);
            story.AddRange(ofHost.Where(e => e.Id <= taken && e.Id > former.EventId));
        }
        return [.. story.OrderBy(e => e.At?.ToDateTimeOffset()).ThenBy(e => e.Id)];
    }

    /// <summary>The first word of the former owner after it was lost; null when it has not come back before the group moved on.</summary>
    private static async Task<Event?> WordAsync(CommandRunner.Call call, string host, Move move, Move? next)
    {
        // Only it knows whether it was dead, did not run, or was not answered.
        var request = new EventFilter { Host = host, Kinds = { EventKinds.Of(Story.OfReturn) }, Since = move.At };
        return (await ListAsync(call, request).ConfigureAwait(false))
            .Where(e => e.Id > move.EventId && (next is null || e.Id < next.EventId)).MinBy(e => e.Id);
    }

    private static async Task<IReadOnlyList<Event>> ListAsync(CommandRunner.Call call, EventFilter filter)
    {
        // The control plane may be an older one, which never wrote some of them.
        filter.AllowUnknownKinds = true;
        var request = new ListEventsRequest { Filter = filter, Limit = Most };
        return (await call.ControlPlane.Admin.ListEventsAsync(request, call.Short).ConfigureAwait(false)).Events;
    }

    private static Timestamp Latest(Timestamp? one, Timestamp other) => one is null || one < other ? other : one;

    private static void Print(
        CommandRunner.Call call, string group, Move? move, Event? word, IReadOnlyList<Event> events, GroupStatus? now)
    {
        var output = call.Out;
        if (move is null)
        {
            output.Tell($"{group} has never had an owner.");
        }
        else
        {
            var at = move.At is null ? "" : Speech.Of($" at {Times.Full(move.At, call.Surroundings.Time)}");
            var what = move switch
            {
                { IsSameOwner: true } => Speech.Of($"stayed with {move.To}{at}, as epoch {move.Epoch}"),
                { From: { } from } => Speech.Of($"moved from {from} to {move.To}{at}, epoch {move.Epoch}"),
                _ => Speech.Of($"was given to {move.To}{at}, epoch {move.Epoch}"),
            };
            output.Tell($"{group} {what}: {move.Reason}.");
            output.WriteLine(move.Actor is { } actor ? Speech.Of($"{ActorName.Shown(actor)} asked for it.") : Speech.Of("Nobody asked for it: the control plane decided."));
            if (word is not null)
                output.Tell($"Back again, {word.Host} said: {word.Message}.");
            output.WriteLine();
            foreach (var item in events)
                EventLines.Print(item, output, call.Surroundings.Time);
        }
        output.WriteLine();
        output.WriteLine(now is null ? Speech.Of($"{group} is not registered any more.") : Present(now));
        foreach (var backup in now?.Backups ?? [])
        {
            output.WriteLine(backup.Obstacle.Length == 0
                ? Speech.Of($"  {backup.Host} could take over now")
                : Speech.Of($"  {backup.Host} could not take over now: {backup.Obstacle}"));
        }
    }

    private static string Present(GroupStatus now)
    {
        var owner = now.Owner.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $", {now.Owner}, epoch {now.Epoch}") : "";
        var locked = now.IsLocked() ? Speech.Of(", locked") : "";
        var detail = now.Detail.Length > 0 ? $": {now.Detail}" : "";
        return Speech.Of($"Now: {now.Phase}{owner}{locked}{detail}");
    }
}
