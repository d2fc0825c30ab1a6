using System.CommandLine;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl restart SELECTOR…</c>: running instances are replaced; stopped programs are started.</summary>
internal static class RestartCommand
{
    internal static Command Create(CommandRunner runner) => ProgramActionCommand.Create(
        runner,
        "restart",
        "Stop programs and start them again.",
        ExitCode.BadInput,
        async (admin, request, options) => (await admin.RestartProgramsAsync(
            new() { Selectors = { request.Selectors }, Reason = request.Reason, NoWait = request.NoWait },
            options).ConfigureAwait(false)).Results,
        request => new() { Restart = new() { Selectors = { request.Selectors } } });
}
