using System.CommandLine;
using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl revisions</c>: what was registered when and by whom; each can be had again.</summary>
internal static class RevisionsCommand
{
    private const int Most = 1000;
    private const int Shown = 3;

    internal static Command Create(CommandRunner runner)
    {
        var count = EventsCommand.Count("how many", 1, Most, 20);
        var command = new Command("revisions", "Show the changes of what is registered, newest first.") { count };
        runner.Attach(command, call => RunAsync(call, call.Parsed.GetValue(count)));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, int count)
    {
        var response = await call.ControlPlane.Registry.ListRevisionsAsync(new() { Limit = count }, call.Short).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, RevisionsJson.Of(response.Revisions), shapes => shapes.RevisionsJson);
        else if (response.Revisions.Count > 0)
            Print(response.Revisions, call);
        return ExitCode.Done;
    }

    private static void Print(IEnumerable<Revision> revisions, CommandRunner.Call call)
    {
        var table = new Table("REVISION", "AT", "BY", "WHAT", "CHANGES");
        foreach (var revision in revisions)
        {
            var changes = revision.Changes.Take(Shown).Select(change => $"{change.Object} {ApplyJson.Word(change.Kind)}");
            var more = revision.Changes.Count - Shown;
            table.Add(
                revision.Number.ToString(CultureInfo.InvariantCulture),
                Times.Full(revision.At, call.Surroundings.Time),
                ActorName.Shown(revision.Actor),
                revision.Cause,
                string.Join(", ", more > 0 ? changes.Append(Speech.Of($"and {more} more")) : changes));
        }
        table.Print(call.Out);
    }
}
