using System.CommandLine;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Progress;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl drain HOST</c>: everything that the host owns goes elsewhere and nothing comes to it, until <c>hactl undrain HOST</c>.</summary>
internal static class DrainCommand
{
    internal static Command Create(CommandRunner runner)
    {
        var host = new Argument<string>("HOST") { Description = "the host" };
        var reason = Reason();
        var noWait = new Option<bool>("--no-wait") { Description = "return when it is stored, do not wait for the groups" };
        var quiet = WorkProgress.Option();
        var command = new Command("drain", "Move all groups away from a host, and none to it.") { host, reason, noWait, quiet };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, call => RunAsync(call, guard.Of(call.Parsed), new()
        {
            Host = call.Parsed.GetRequiredValue(host),
            Reason = call.Reason(call.Parsed.GetValue(reason), "drain"),
            NoWait = call.Parsed.GetValue(noWait),
        }, quiet));
        return command;
    }

    /// <summary><c>hactl undrain HOST</c>.</summary>
    internal static Command CreateUndrain(CommandRunner runner)
    {
        var host = new Argument<string>("HOST") { Description = "the host" };
        var reason = Reason();
        var command = new Command("undrain", "Let a drained host own groups again.") { host, reason };
        runner.Attach(command, async call =>
        {
            var name = call.Parsed.GetRequiredValue(host);
            var request = new UndrainHostRequest { Host = name, Reason = call.Reason(call.Parsed.GetValue(reason), "undrain") };
            _ = await call.ControlPlane.Admin.UndrainHostAsync(request, call.Short).ConfigureAwait(false);
            if (call.Json)
                Json.Write(call.Out, DrainedJson.Of(name, new()), shapes => shapes.DrainedJson);
            else
                call.Out.Tell($"{name}: may own groups again");
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string?> Reason() => new("--reason") { Description = "kept in the history", HelpName = "TEXT" };

    private static async Task<int> RunAsync(CommandRunner.Call call, GuardChoice choice, DrainHostRequest request, Option<bool> quiet)
    {
        var done = await GuardedCall.RunAsync(
            call, choice, null, () => call.Patient,
            options => WorkProgress.WhileAsync(
                call, quiet, WorkProgress.OfHost(request.Host), async () => await call.ControlPlane.Admin.DrainHostAsync(request, options).ConfigureAwait(false)))
            .ConfigureAwait(false);
        if (call.Json)
        {
            Json.Write(call.Out, DrainedJson.Of(request.Host, done), shapes => shapes.DrainedJson);
        }
        else
        {
            foreach (var group in done.Groups.OrderBy(g => g.Group, StringComparer.Ordinal))
            {
                if (group.Detail.Length == 0)
                    call.Out.Tell($"{group.Group}: moved to {group.Owner}, epoch {group.Epoch}, took {Times.Short(group.Took)}");
                else
                    call.Out.Tell($"{group.Group}: stays on {(group.Owner.Length > 0 ? group.Owner : Speech.Of("nobody"))} for now: {group.Detail}");
            }
            if (done.Groups.Count == 0)
                call.Out.Tell($"{request.Host}: owned nothing, and nothing comes to it until 'hactl undrain {request.Host}'");
        }
        return request.NoWait || done.Groups.All(g => g.Detail.Length == 0) ? ExitCode.Done : ExitCode.Refused;
    }
}
