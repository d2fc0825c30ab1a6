using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record ActionJson(IReadOnlyList<ActionResultJson> Results)
{
    internal static ActionJson Of(IEnumerable<ProgramResult> results) => new([.. results.Select(result =>
        new ActionResultJson(
            result.Name,
            Word(result.Outcome),
            result.Host.Length == 0 ? null : result.Host,
            result.Detail))]);

    private static string Word(ProgramOutcome outcome) => outcome switch
    {
        ProgramOutcome.Started => "started",
        ProgramOutcome.Stopped => "stopped",
        ProgramOutcome.AlreadyStarted => "already_started",
        ProgramOutcome.NotRunning => "not_running",
        ProgramOutcome.NoSuchProgram => "no_such_program",
        ProgramOutcome.NoSuchGroup => "no_such_group",
        ProgramOutcome.SpawnError => "spawn_error",
        ProgramOutcome.AbnormalTermination => "abnormal_termination",
        ProgramOutcome.Pending => "pending",
        _ => "unknown",
    };
}

internal sealed record ActionResultJson(string Name, string Outcome, string? Host, string Detail);
