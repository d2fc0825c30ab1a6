using HaGrpc.Ctl.Updating;

namespace HaGrpc.Ctl.Output;

internal sealed record UpdateJson(string Name, string? From, string? To, bool DryRun, IReadOnlyList<UpdateBatchJson> Batches, IReadOnlyList<UpdateResultJson> Results);

internal sealed record UpdateBatchJson(IReadOnlyList<string> Processes);

internal sealed record UpdateResultJson(string Name, string Outcome, string? Host, double? TookSeconds, string Detail)
{
    internal static UpdateResultJson Of(UpdateResult result) =>
        new(result.Name, result.Outcome, result.Host.Length == 0 ? null : result.Host, result.Seconds, result.Detail);
}
