using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record RevisionsJson(IReadOnlyList<RevisionJson> Revisions)
{
    internal static RevisionsJson Of(IEnumerable<Revision> revisions) => new([.. revisions.Select(RevisionJson.Of)]);
}

internal sealed record RevisionJson(long Number, string? At, string? By, string What, IReadOnlyList<RevisionChangeJson> Changes)
{
    internal static RevisionJson Of(Revision revision) => new(
        revision.Number,
        Times.Machine(revision.At),
        revision.Actor.Length == 0 ? null : revision.Actor,
        revision.Cause,
        [.. revision.Changes.Select(change => new RevisionChangeJson(change.Object, ApplyJson.Word(change.Kind)))]);
}

internal sealed record RevisionChangeJson(string Object, string Change);
