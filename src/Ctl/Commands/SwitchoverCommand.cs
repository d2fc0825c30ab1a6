using System.CommandLine;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Progress;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl switchover GROUP [--to HOST]</c>: waits until the new owner has taken over, and shows how.</summary>
internal static class SwitchoverCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var group = new Argument<string>("GROUP") { Description = "the group to move" };
        var to = new Option<string?>("--to") { Description = "new owner; else the best live member", HelpName = "HOST" };
        var reason = new Option<string?>("--reason") { Description = "kept in the history", HelpName = "TEXT" };
        var quiet = WorkProgress.Option();
        var command = new Command("switchover", "Move a group to another host, planned.") { group, to, reason, quiet };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call => RunAsync(call, guard.Of(call.Parsed), new()
        {
            Group = call.Parsed.GetRequiredValue(group),
            TargetHost = call.Parsed.GetValue(to) ?? "",
            Reason = call.Reason(call.Parsed.GetValue(reason), "switchover"),
        }, quiet));
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, GuardChoice choice, SwitchoverRequest request, Option<bool> quiet)
    {
        var done = await GuardedCall.RunAsync(
            call, choice, new() { Switchover = request }, () => call.Patient,
            options => WorkProgress.WhileAsync(
                call, quiet, WorkProgress.OfGroup(request.Group), async () => await call.ControlPlane.Admin.SwitchoverAsync(request, options).ConfigureAwait(false)))
            .ConfigureAwait(false);
        if (call.Json)
        {
            Json.Write(call.Out, SwitchoverJson.Of(request.Group, done), shapes => shapes.SwitchoverJson);
            return ExitCode.Done;
        }
        var from = done.FromHost.Length > 0 ? done.FromHost : Speech.Of("nobody");
        var took = done.Took is null ? "" : Speech.Of($", took {Times.Short(done.Took)}");
        call.Out.Tell($"{request.Group}: moved from {from} to {done.ToHost}, epoch {done.Epoch}{took}");
        if (done.Steps.Count > 0)
            call.Out.Tell("      at, s   took, s  step");
        Timeline.Print(done.Steps, call.Out);
        return ExitCode.Done;
    }
}
