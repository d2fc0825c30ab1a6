using System.Collections.Immutable;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Supervision;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What became of objects, as operators are told.</summary>
internal static class ChangeAnswers
{
    /// <summary>One answer for each object, with what restarts.</summary>
    /// <param name="changes">What became, or would become, of each.</param>
    /// <param name="written">What was to be written.</param>
    /// <param name="stored">What was registered before.</param>
    public static IEnumerable<Change> Of(ImmutableArray<ObjectChange> changes, RegistryChanges written, RegistrySnapshot stored)
    {
        var restarts = Restarts(written, stored);
        foreach (var change in changes)
        {
            var answer = new Change { Object = change.Object, Kind = Kind(change.Kind) };
            answer.RestartedFor.AddRange(restarts.GetValueOrDefault(change.Object, []));
            yield return answer;
        }
    }

    /// <summary>The kind on the wire.</summary>
    public static V1.ChangeKind Kind(Storage.ChangeKind kind) => kind switch
    {
        Storage.ChangeKind.Created => V1.ChangeKind.Created,
        Storage.ChangeKind.Updated => V1.ChangeKind.Updated,
        Storage.ChangeKind.Removed => V1.ChangeKind.Removed,
        _ => V1.ChangeKind.Unchanged,
    };

    /// <summary>The fields for which programs that are wanted to run are restarted, by the objects' names.</summary>
    private static Dictionary<string, ImmutableArray<string>> Restarts(RegistryChanges changes, RegistrySnapshot stored)
    {
        var before = stored.Programs.ToDictionary(p => p.Spec.Name, p => p.Spec);
        return changes.Programs
            .Where(p => before.TryGetValue(p.Name, out var known) && known.DesiredState == Core.Model.DesiredState.Running
                && !(changes.DesiredStates.Contains(p.Name) && p.DesiredState == Core.Model.DesiredState.Stopped))
            .ToDictionary(p => $"program/{p.Name}", p => InstanceIdentity.Differences(before[p.Name], p), StringComparer.Ordinal);
    }
}
