using System.Collections.Immutable;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What changes would do, without doing it.</summary>
internal static class RegistryPreview
{
    /// <summary>One entry for each object, in the order of the request.</summary>
    public static ImmutableArray<ObjectChange> Of(RegistryChanges changes, RegistrySnapshot stored) =>
    [
        .. changes.Hosts.Select(h => Compare(
            $"host/{h.Name}", stored.Hosts.FirstOrDefault(s => s.Spec.Name == h.Name)?.Spec.ToProto(), h.ToProto())),
        .. changes.Groups.Select(g => Compare(
            $"group/{g.Name}", stored.Groups.FirstOrDefault(s => s.Spec.Name == g.Name)?.Spec.ToProto(), g.ToProto())),
        .. changes.Surplus.Select(p => new ObjectChange(ChangeKind.Removed, $"program/{p}", 0)),
        .. changes.Programs.Select(p =>
        {
            var known = stored.Programs.FirstOrDefault(s => s.Spec.Name == p.Name)?.Spec;
            var wanted = p with
            {
                RestartGeneration = known?.RestartGeneration ?? 0,
                DesiredState = known is null || changes.DesiredStates.Contains(p.Name) ? p.DesiredState : known.DesiredState,
            };
            return Compare($"program/{p.Name}", known?.ToProto(), wanted.ToProto());
        }),
        .. changes.DeletedPrograms.Select(p => new ObjectChange(ChangeKind.Removed, $"program/{p}", 0)),
        .. changes.RetiredGroups.SelectMany(g => stored.Programs.Where(p => p.Spec.Name.Group == g).Select(p => $"program/{p.Spec.Name}").Prepend($"group/{g}"))
            .Select(name => new ObjectChange(ChangeKind.Removed, name, 0)),
        .. changes.DeletedHosts.Select(h => new ObjectChange(ChangeKind.Removed, $"host/{h}", 0)),
    ];

    // Messages compare by value, the model's lists do not.
    private static ObjectChange Compare<T>(string name, T? known, T wanted)
        where T : class =>
        new(known is null ? ChangeKind.Created : known.Equals(wanted) ? ChangeKind.Unchanged : ChangeKind.Updated, name, 0);
}
