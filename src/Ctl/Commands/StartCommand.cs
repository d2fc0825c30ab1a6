using System.CommandLine;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl start SELECTOR…</c>: the programs run wherever their group is owned, from now on.</summary>
internal static class StartCommand
{
    internal static Command Create(CommandRunner runner) => ProgramActionCommand.Create(
        runner,
        "start",
        "Start programs, and keep them wanted on whichever host owns their group.",
        ExitCode.BadInput,
        async (admin, request, options) => (await admin.StartProgramsAsync(
            new() { Selectors = { request.Selectors }, Reason = request.Reason, NoWait = request.NoWait },
            options).ConfigureAwait(false)).Results);
}
