using System.Text.Json.Serialization;
using HaGrpc.Ctl.Manifests.Differences;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record DiffJson(IReadOnlyList<DiffChangeJson> Changes);

internal sealed record DiffChangeJson(
    string Object, string Change, IReadOnlyList<string> RestartedFor, IReadOnlyList<string> RunsOn, IReadOnlyList<DiffFieldJson> Fields)
{
    /// <summary>What runs of it now would end for good.</summary>
    [JsonIgnore]
    internal bool IsStopped { get; private init; }

    internal static DiffChangeJson Of(Change change, IEnumerable<string> runsOn, IReadOnlyCollection<FieldDifference> fields)
    {
        var isStopped = change.Kind == ChangeKind.Removed || fields.Any(field => field is { Field: "desired", To: "stopped" });
        return new(
            change.Object,
            ApplyJson.Word(change.Kind),
            [.. change.RestartedFor],
            isStopped || change.RestartedFor.Count > 0 ? [.. runsOn] : [],
            [.. fields.Select(field => new DiffFieldJson(field.Field, field.From, field.To))])
        {
            IsStopped = isStopped,
        };
    }
}

internal sealed record DiffFieldJson(string Field, string? From, string? To);
