using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record StatusJson(IReadOnlyList<ProgramJson> Programs, IReadOnlyList<string> Unmatched)
{
    internal static StatusJson Of(IEnumerable<ProgramLine> lines, IEnumerable<string> unmatched, TimeProvider time) =>
        new([.. lines.Select(line => ProgramJson.Of(line, time))], [.. unmatched]);
}

internal sealed record ProgramJson(
    string Group,
    string Name,
    string State,
    string Desired,
    string? Host,
    int? Pid,
    string? Since,
    int? ExitStatus,
    int Priority,
    string Command,
    string Description,
    string Detail,
    string? DesiredBy,
    string? DesiredAt,
    string DesiredReason)
{
    internal static ProgramJson Of(ProgramLine line, TimeProvider time) => new(
        line.Program.Group,
        line.Program.Name,
        StatusLines.StateName(line),
        line.Program.DesiredState == DesiredState.Stopped ? "stopped" : "running",
        line.Host.Length == 0 ? null : line.Host,
        line.Status is { Pid: > 0 and var pid } ? pid : null,
        Times.Machine(line.Status?.Since),
        Ended(line) ? line.Status?.ExitStatus : null,
        line.Program.Priority,
        line.Program.Command,
        StatusLines.Description(line, time),
        line.Status?.Detail ?? "",
        line.Desired is { By.Length: > 0 } ? line.Desired.By : null,
        Times.Machine(line.Desired?.At),
        line.Desired?.Reason ?? "");

    private static bool Ended(ProgramLine line) => line.Status?.Since is not null && StatusLines.State(line)
        is ProgramState.Exited or ProgramState.Backoff or ProgramState.Fatal or ProgramState.Stopped;
}
