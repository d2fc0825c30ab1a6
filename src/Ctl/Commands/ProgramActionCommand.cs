using System.CommandLine;
using Grpc.Core;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Progress;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary>What start, stop and restart have in common: selectors, reason, waiting, supervisorctl's lines.</summary>
internal static class ProgramActionCommand
{
    /// <summary>What is asked of the control plane.</summary>
    internal delegate Task<IEnumerable<ProgramResult>> Ask(
        AdminService.AdminServiceClient admin, Request request, CallOptions options);

    internal static Command Create(CommandRunner runner, string verb, string description, int exitWithoutSelector, Ask ask, Func<Request, PreviewRequest>? preview = null)
    {
        var selectors = Selectors.Argument();
        var reason = new Option<string?>("--reason") { Description = "kept in the history", HelpName = "TEXT" };
        var noWait = new Option<bool>("--no-wait") { Description = "return when the wish is stored, do not wait for programs" };
        var quiet = WorkProgress.Option();
        var guard = new GuardOptions();
        var command = new Command(verb, description) { selectors, reason, noWait, quiet };
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var given = call.Parsed.GetValue(selectors) ?? [];
            if (given.Length == 0)
            {
                call.Surroundings.Error.Tell($"Error: {verb} requires a process name: hactl {verb} group:program, group, group:* or all");
                return exitWithoutSelector;
            }
            var chosen = await Selectors.ChooseAsync(call, given).ConfigureAwait(false);
            var request = new Request(
                chosen.Names,
                call.Reason(call.Parsed.GetValue(reason), verb),
                call.Parsed.GetValue(noWait));
            // Nobody was named: to ask for nothing would be to ask wrongly.
            var asked = chosen.Names.Length == 0 ? []
                : await GuardedCall.RunAsync(
                    call, guard.Of(call.Parsed), preview?.Invoke(request), () => call.Patient,
                    options => WorkProgress.WhileAsync(
                        call, quiet, WorkProgress.OfPrograms(chosen.Names), () => ask(call.ControlPlane.Admin, request, options))).ConfigureAwait(false);
            ProgramResult[] results = [.. chosen.Unmatched.Select(Nothing), .. asked];
            if (call.Json)
                Json.Write(call.Out, ActionJson.Of(results), shapes => shapes.ActionJson);
            var code = ActionLines.Print(results, given, verb == "stop", request.NoWait, call.Json ? TextWriter.Null : call.Out);
            await Selectors.TellNearAsync(
                call,
                [.. results.Where(r => r.Outcome is ProgramOutcome.NoSuchGroup or ProgramOutcome.NoSuchProgram).Select(r => r.Name)]).ConfigureAwait(false);
            return code;
        });
        return command;
    }

    private static ProgramResult Nothing(string pattern) => new()
    {
        Name = pattern,
        Outcome = Selectors.NothingOfThatName(pattern) == "no such group" ? ProgramOutcome.NoSuchGroup : ProgramOutcome.NoSuchProgram,
    };

    /// <summary>What start, stop and restart send.</summary>
    internal sealed record Request(string[] Selectors, string Reason, bool NoWait);
}
