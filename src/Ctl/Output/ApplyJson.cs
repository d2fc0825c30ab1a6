using HaGrpc.Ctl.Manifests;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record ApplyJson(bool DryRun, IReadOnlyList<ChangeJson> Changes, IReadOnlyList<ErrorJson> Errors)
{
    internal static ApplyJson Of(bool dryRun, IEnumerable<Change> changes, IEnumerable<ManifestError> errors) => new(
        dryRun,
        [.. changes.Select(change => new ChangeJson(change.Object, Word(change.Kind), [.. change.RestartedFor]))],
        [.. errors.Select(error => new ErrorJson(
            error.Place.File,
            error.Place.Line == 0 ? null : error.Place.Line,
            error.Place.Field,
            error.Value,
            error.Message))]);

    /// <summary>created, updated, unchanged or removed.</summary>
    internal static string Word(ChangeKind kind) => kind switch
    {
        ChangeKind.Created => "created",
        ChangeKind.Updated => "updated",
        ChangeKind.Unchanged => "unchanged",
        ChangeKind.Removed => "removed",
        _ => "unknown",
    };
}

internal sealed record ChangeJson(string Object, string Change, IReadOnlyList<string> RestartedFor);

internal sealed record ErrorJson(string File, int? Line, string Field, string Value, string Message);
