namespace HaGrpc.Ctl.Output;

internal sealed record RollbackJson(long Revision, bool DryRun, IReadOnlyList<DiffChangeJson> Changes, IReadOnlyList<string> Refusals);
