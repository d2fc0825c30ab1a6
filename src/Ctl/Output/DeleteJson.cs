using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record DeleteJson(
    bool DryRun,
    IReadOnlyList<string> Deleted,
    IReadOnlyList<StoppingJson> Stopping,
    IReadOnlyList<PendingDeletionJson> Pending,
    IReadOnlyList<string> Refusals)
{
    internal static DeleteJson Of(bool dryRun, DeleteResponse response) => new(
        dryRun,
        [.. response.Changes.Select(change => change.Object)],
        [.. response.Stopping.Select(s => new StoppingJson(s.Object, s.Host, [.. s.Programs], [.. s.Vips], s.Detail))],
        [.. response.Pending.Select(p => new PendingDeletionJson(p.Group, p.Detail))],
        [.. response.Refusals]);
}

internal sealed record StoppingJson(string Object, string Host, IReadOnlyList<string> Programs, IReadOnlyList<string> Vips, string Detail);

internal sealed record PendingDeletionJson(string Group, string Detail);
