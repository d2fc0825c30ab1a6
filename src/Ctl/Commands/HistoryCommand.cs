using System.CommandLine;
using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl history GROUP</c>: who owned a group, from when to when, and why it moved.</summary>
internal static class HistoryCommand
{
    private const int Most = 1000;

    internal static Command Create(CommandRunner runner)
    {
        var group = new Argument<string>("GROUP") { Description = "the group" };
        var count = EventsCommand.Count("how many changes", 1, Most, 20);
        var command = new Command("history", "Show who owned a group, and why it moved.") { group, count };
        runner.Attach(command, call => RunAsync(call, call.Parsed.GetValue(group)!, call.Parsed.GetValue(count)));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, string group, int count)
    {
        var moves = await ReadAsync(call, group, count).ConfigureAwait(false);
        if (moves.Count == 0 && !await ExistsAsync(call, group).ConfigureAwait(false))
            return ExitCode.Refused;
        if (call.Json)
            Json.Write(call.Out, MovesJson.Of(moves), shapes => shapes.MovesJson);
        else
            Print(moves, call);
        return ExitCode.Done;
    }

    /// <summary>The newest changes of owner of a group, oldest first.</summary>
    internal static async Task<IReadOnlyList<Move>> ReadAsync(CommandRunner.Call call, string group, int count)
    {
        var request = new ListEventsRequest
        {
            Filter = new() { Group = group, Kinds = { Move.Kind }, AllowUnknownKinds = true },
            Limit = count + 1, // The one before says from whom the oldest was taken.
        };
        var response = await call.ControlPlane.Admin.ListEventsAsync(request, call.Short).ConfigureAwait(false);
        return [.. Move.Of(response.Events).TakeLast(count)];
    }

    /// <summary>Tells the operator when there is no such group.</summary>
    internal static async Task<bool> ExistsAsync(CommandRunner.Call call, string group)
    {
        var response = await call.ControlPlane.Admin.ListGroupsAsync(new() { Names = { group } }, call.Short).ConfigureAwait(false);
        if (response.Groups.Count > 0)
            return true;
        call.Surroundings.Error.WriteLine($"{group}: ERROR (no such group)");
        return false;
    }

    private static void Print(IReadOnlyList<Move> moves, CommandRunner.Call call)
    {
        if (moves.Count == 0)
            return;
        var table = new Table("SINCE", "EPOCH", "OWNER", "FROM", "HELD", "BY", "WHY");
        foreach (var move in moves)
        {
            table.Add(
                move.At is null ? "" : Times.Full(move.At, call.Surroundings.Time),
                move.Epoch.ToString(CultureInfo.InvariantCulture),
                move.To,
                move.IsSameOwner ? "" : move.From ?? "",
                Held(move, call.Surroundings.Time),
                ActorName.Shown(move.Actor ?? ""),
                move.Reason);
        }
        table.Print(call.Out);
    }

    private static string Held(Move move, TimeProvider time) => move.At is null
        ? ""
        : Times.Uptime((move.Until?.ToDateTimeOffset() ?? time.GetUtcNow()) - move.At.ToDateTimeOffset());
}
