using System.CommandLine;
using System.Globalization;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Manifests.Differences;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl rollback REVISION</c>: registers again what was registered then.</summary>
internal static class RollbackCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var revision = new Argument<string>("REVISION") { Description = "whose state is wanted again; hactl revisions lists them" };
        var dryRun = new Option<bool>("--dry-run") { Description = "show what would change and restart; store nothing" };
        var reason = new Option<string?>("--reason") { Description = "kept with the new revision", HelpName = "TEXT" };
        var command = new Command("rollback", "Register again what was registered after an earlier revision: all or nothing.") { revision, dryRun, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call => RunAsync(call, guard.Of(call.Parsed), new()
        {
            Revision = Number(call.Parsed.GetValue(revision)),
            DryRun = call.Parsed.GetValue(dryRun),
            Reason = call.Parsed.GetValue(reason) ?? "",
        }));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, GuardChoice choice, RollbackRequest request)
    {
        var registry = call.ControlPlane.Registry;
        // What stands and where it runs is asked first: afterwards it is gone.
        var before = await registry.ExportAsync(new(), call.Short).ConfigureAwait(false);
        var then = await registry.ExportAsync(new() { Revision = request.Revision }, call.Short).ConfigureAwait(false);
        var wish = request.Clone();
        wish.DryRun = true;
        var preview = await registry.RollbackAsync(wish, call.Short).ConfigureAwait(false);
        var lines = await ChangePreview.OfAsync(call, preview.Changes, ManifestDifferences.Between(before, then)).ConfigureAwait(false);
        var response = request.DryRun || preview.Refusals.Count > 0 ? preview : await GuardedCall.RunAsync(
            call, choice, new() { Rollback = request }, () => call.Short,
            async options => await registry.RollbackAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
        var isDone = response.Refusals.Count == 0;
        if (call.Json)
        {
            Json.Write(
                call.Out, new RollbackJson(request.Revision, request.DryRun, isDone ? lines : [], [.. response.Refusals]), shapes => shapes.RollbackJson);
        }
        else if (isDone)
        {
            ChangePreview.Print(lines, request.DryRun, call.Out);
        }
        foreach (var refusal in response.Refusals)
            call.Say(refusal);
        if (isDone && lines.Count == 0)
            call.Say($"revision {request.Revision} is what is registered: nothing to roll back");
        if (!isDone)
            call.Say("nothing was rolled back");
        return isDone ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>The number of a revision.</summary>
    /// <returns>0 when there is no text.</returns>
    /// <exception cref="UsageException">It is no number.</exception>
    internal static long Number(string? text) => text is null ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new UsageException($"{text}: a revision is a number; hactl revisions lists them");
}
