using System.CommandLine;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl delete group|host|program NAME…</c>: what is named goes, all of it or nothing; a group ends before it goes.</summary>
internal static class DeleteCommand
{
    internal static Command Create(CommandRunner runner) => new("delete", "Delete groups, hosts or programs: all that are named, or none.")
    {
        Create(runner, "group", "GROUP", "End groups and delete them, with their programs.", (request, names) => request.Groups.AddRange(names)),
        Create(runner, "host", "HOST", "Delete hosts that no group names.", (request, names) => request.Hosts.AddRange(names)),
        CreateProgram(runner, "program"),
    };

    /// <summary>The same for programs, under the name that it has beside <c>program add</c> and <c>set</c>.</summary>
    internal static Command CreateProgram(CommandRunner runner, string name) =>
        Create(runner, name, "GROUP:NAME", "Stop programs and delete them, each with all of its processes.", (request, names) => request.Programs.AddRange(names));

    private static Command Create(
        CommandRunner runner, string name, string argument, string description, Action<DeleteRequest, IEnumerable<string>> put)
    {
        var names = new Argument<string[]>(argument) { Description = "what to delete", Arity = ArgumentArity.OneOrMore };
        var dryRun = new Option<bool>("--dry-run") { Description = "show what would go, and what stops where; store nothing" };
        var noWait = new Option<bool>("--no-wait") { Description = "do not wait for the groups to end" };
        var reason = new Option<string?>("--reason") { Description = "kept in the history", HelpName = "TEXT" };
        var command = new Command(name, description) { names, dryRun, noWait, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call =>
        {
            var request = new DeleteRequest
            {
                DryRun = call.Parsed.GetValue(dryRun),
                NoWait = call.Parsed.GetValue(noWait),
                Reason = call.Parsed.GetValue(reason) ?? "",
            };
            put(request, call.Parsed.GetRequiredValue(names));
            return RunAsync(call, guard.Of(call.Parsed), request);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandRunner.Call call, GuardChoice choice, DeleteRequest request)
    {
        var response = await GuardedCall.RunAsync(
            call, choice, request.DryRun ? null : new() { Delete = request }, () => call.Patient,
            async options => await call.ControlPlane.Registry.DeleteAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
        if (call.Json)
            Json.Write(call.Out, DeleteJson.Of(request.DryRun, response), shapes => shapes.DeleteJson);
        else
            DeletionLines.Print(response, request.DryRun, call.Out);
        foreach (var refusal in response.Refusals)
            call.Say(refusal);
        if (response.Refusals.Count > 0)
            call.Say("nothing was deleted");
        foreach (var pending in response.Pending)
            call.Say($"group/{pending.Group} has not ended yet{(pending.Detail.Length > 0 ? $": {pending.Detail}" : "")}; it goes by itself when it has (hactl groups)");
        return response.Refusals.Count > 0 ? ExitCode.Refused
            : response.Pending.Count > 0 && !request.NoWait ? ExitCode.NotRunning
            : ExitCode.Done;
    }
}
