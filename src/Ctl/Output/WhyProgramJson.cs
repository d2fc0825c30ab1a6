using System.Text.Json;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Why a program is in its state.</summary>
internal sealed record WhyProgramJson(
    string Group, string Name, string Desired, string? DesiredBy, string? DesiredAt, string DesiredReason,
    IReadOnlyList<WhyPlaceJson> Places, GroupJson? Now, IReadOnlyList<EventJson> Events)
{
    internal static WhyProgramJson Of(string group, string name, ExplainProgramResponse why)
    {
        var first = why.Places.FirstOrDefault();
        return new(
            group,
            name,
            first?.Program.DesiredState == DesiredState.Stopped ? "stopped" : "running",
            first?.Desired is { By.Length: > 0 } origin ? origin.By : null,
            Times.Machine(first?.Desired?.At),
            first?.Desired?.Reason ?? "",
            [.. why.Places.Select(place => WhyPlaceJson.Of(place, why.Causes.Where(c => c.Host == place.Host)))],
            why.Group is null ? null : GroupJson.Of(why.Group),
            [.. why.Events.Select(EventJson.Of)]);
    }
}

internal sealed record WhyPlaceJson(
    string? Host, string State, int? Pid, string? Since, string Detail, int FailedStarts, string? NextTry, IReadOnlyList<CauseJson> Causes, IReadOnlyList<ProgramEndJson> Ends)
{
    internal static WhyPlaceJson Of(ProgramLine place, IEnumerable<ProgramCause> causes) => new(
        place.Host.Length == 0 ? null : place.Host,
        StatusLines.StateName(place),
        place.Status is { Pid: > 0 and var pid } ? pid : null,
        Times.Machine(place.Status?.Since),
        place.Status?.Detail ?? "",
        place.Status?.FailedStarts ?? 0,
        Times.Machine(place.Status?.NextTry),
        [.. causes.Select(c => new CauseJson(Enum.IsDefined(c.Kind) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(c.Kind.ToString()) : "unknown", c.Said.Text))],
        [.. (place.Status?.Ends ?? []).Select(e => new ProgramEndJson(
            Times.Machine(e.At), StatusLines.StateName(e.State), e.ExitStatus, e.Detail, Times.Seconds(e.Ran)))]);
}

internal sealed record CauseJson(string Kind, string Text);

internal sealed record ProgramEndJson(string? At, string State, int ExitStatus, string Detail, double? RanSeconds);
