using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record EventJson(
    long Id,
    string? At,
    string Kind,
    string? Group,
    string? Host,
    string? Program,
    long? Epoch,
    string Message,
    string? Actor,
    IReadOnlyList<StepJson> Steps)
{
    internal static EventJson Of(Event item) => new(
        item.Id,
        Times.Machine(item.At),
        item.Kind,
        Or(item.Group),
        Or(item.Host),
        Or(item.Program),
        item.Epoch == 0 ? null : item.Epoch,
        item.Message,
        Or(item.Actor),
        StepJson.Of(item.Steps));

    private static string? Or(string text) => text.Length == 0 ? null : text;
}

internal sealed record StepJson(string Name, double OffsetSeconds, double DurationSeconds, string? Error)
{
    internal static IReadOnlyList<StepJson> Of(IEnumerable<Step> steps) => [.. steps.Select(step => new StepJson(
        step.Name,
        Times.Seconds(step.Offset) ?? 0,
        Times.Seconds(step.Duration) ?? 0,
        step.Error.Length == 0 ? null : step.Error))];
}

internal sealed record SwitchoverJson(
    string Group, string FromHost, string ToHost, long Epoch, double? TookSeconds, IReadOnlyList<StepJson> Steps)
{
    internal static SwitchoverJson Of(string group, SwitchoverResponse done) => new(
        group, done.FromHost, done.ToHost, done.Epoch, Times.Seconds(done.Took), StepJson.Of(done.Steps));
}

internal sealed record VersionJson(string Version);
