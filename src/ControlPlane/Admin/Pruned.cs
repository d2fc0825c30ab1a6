using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What goes when only what a manifest names is to be registered.</summary>
internal static class Pruned
{
    /// <summary>Adds to changes what they do not name.</summary>
    /// <param name="changes">What is registered or changed.</param>
    /// <param name="model">What the manifest names.</param>
    /// <param name="stored">What is registered.</param>
    /// <param name="reason">Why, in the operator's words; may be empty.</param>
    public static RegistryChanges Of(RegistryChanges changes, ModelSet model, RegistrySnapshot stored, string reason = "")
    {
        var hosts = model.Hosts.Select(h => h.Name).ToHashSet(StringComparer.Ordinal);
        var groups = model.Groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        var programs = model.Programs.Select(p => p.Name).ToHashSet();
        return changes with
        {
            Cause = reason.Length > 0 ? $"apply --prune: {reason}" : "apply --prune",
            Reason = reason.Length > 0 ? $"no manifest names it: {reason}" : "no manifest names it",
            RetiredGroups = [.. stored.Groups.Select(g => g.Spec.Name).Where(g => !groups.Contains(g))],
            DeletedHosts = [.. stored.Hosts.Select(h => h.Spec.Name).Where(h => !hosts.Contains(h))],
            // Those of a group that goes, go with it.
            DeletedPrograms =
            [
                .. stored.Programs.Select(p => p.Spec)
                    .Where(p => groups.Contains(p.Name.Group) && !programs.Contains(ProgramExpansion.TemplateOf(p))).Select(p => p.Name),
            ],
        };
    }
}
