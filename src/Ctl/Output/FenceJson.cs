using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>What a host owned when it was fenced and who owns it now; of a dry run what it owns.</summary>
internal sealed record FenceJson(
    string Host,
    bool DryRun,
    string? Device,
    string DeviceProblem,
    bool Heard,
    double? LastHeartbeatAgeSeconds,
    IReadOnlyList<FencedGroupJson> Groups)
{
    internal static FenceJson Of(FenceRequest request, FenceResponse response) => new(
        request.Host,
        request.DryRun,
        response.Device.Length == 0 ? null : response.Device,
        response.DeviceProblem,
        response.IsHeard,
        Times.Seconds(response.LastHeartbeatAge),
        [.. response.Groups.Select(FencedGroupJson.Of)]);
}

internal sealed record FencedGroupJson(
    string Group,
    IReadOnlyList<string> Vips,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Candidates,
    string? Owner,
    long Epoch,
    double? TookSeconds,
    string Detail)
{
    internal static FencedGroupJson Of(FencedGroup group) => new(
        group.Group,
        [.. group.Vips],
        [.. group.Programs],
        [.. group.Candidates],
        group.Owner.Length == 0 ? null : group.Owner,
        group.Epoch,
        Times.Seconds(group.Took),
        group.Detail);
}
