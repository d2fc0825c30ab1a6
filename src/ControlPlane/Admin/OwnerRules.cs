using System.Collections.Immutable;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What is wrong with groups because of who owns them now.</summary>
internal static class OwnerRules
{
    /// <summary>An error for each group that would drop its owner.</summary>
    /// <param name="groups">Groups as wanted.</param>
    /// <param name="tenure">Knows the owners.</param>
    public static IEnumerable<FieldError> Check(ImmutableArray<Group> groups, Tenure tenure)
    {
        for (var g = 0; g < groups.Length; g++)
        {
            var group = groups[g];
            if (tenure.Notes.Of(group.Name) is { Owner: { } owner, EndedAt: null } && group.Members.All(m => m.Host != owner))
            {
                yield return new(
                    $"groups[{g}].members",
                    string.Join(", ", group.Members.Select(m => m.Host)),
                    tenure.Registry.Current.Groups.Any(g => g.Spec.Name == group.Name)
                        ? $"host {owner} owns the group and may not be dropped: switch over first (hactl switchover {group.Name} --to HOST)"
                        : $"a group of this name was deleted while {owner} was away, and may still run there: make it a member, or take another name");
            }
        }
    }
}
