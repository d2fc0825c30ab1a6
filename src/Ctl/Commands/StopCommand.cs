using System.CommandLine;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl stop SELECTOR…</c>: the programs stay stopped on every host until somebody starts them.</summary>
internal static class StopCommand
{
    internal static Command Create(CommandRunner runner) => ProgramActionCommand.Create(
        runner,
        "stop",
        "Stop programs; they stay stopped, also after a failover, until they are started again.",
        ExitCode.Refused,
        async (admin, request, options) => (await admin.StopProgramsAsync(
            new() { Selectors = { request.Selectors }, Reason = request.Reason, NoWait = request.NoWait },
            options).ConfigureAwait(false)).Results,
        request => new() { Stop = new() { Selectors = { request.Selectors } } });
}
