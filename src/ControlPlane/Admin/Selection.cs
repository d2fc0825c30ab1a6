using System.Collections.Immutable;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What selectors mean: <c>all</c>, <c>GROUP</c>, <c>GROUP:*</c> or <c>GROUP:NAME</c>.</summary>
/// <param name="Programs">Every program that one of them names, once, in the registry's order.</param>
/// <param name="NoGroups">Selectors whose group is not registered.</param>
/// <param name="NoPrograms">Selectors whose group is registered, but not the program.</param>
internal sealed record Selection(
    ImmutableArray<RegisteredProgram> Programs, ImmutableArray<string> NoGroups, ImmutableArray<string> NoPrograms)
{
    /// <summary>Looks selectors up; none means all.</summary>
    public static Selection Of(IReadOnlyCollection<string> selectors, RegistrySnapshot registry)
    {
        if (selectors.Count == 0 || selectors.Contains("all"))
            return new(registry.Programs, [], []);
        var groups = registry.Groups.Select(g => g.Spec.Name).ToHashSet(StringComparer.Ordinal);
        var chosen = new HashSet<Core.Model.ProgramName>();
        var (noGroups, noPrograms) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        foreach (var selector in selectors)
        {
            var colon = selector.IndexOf(':', StringComparison.Ordinal);
            var group = colon < 0 ? selector : selector[..colon];
            var name = colon < 0 ? "*" : selector[(colon + 1)..];
            if (!groups.Contains(group))
            {
                noGroups.Add(selector);
                continue;
            }
            var before = chosen.Count;
            var matching = registry.Programs.Select(p => p.Spec.Name)
                .Where(p => p.Group == group && (name is "*" or "" || p.Name == name)).ToArray();
            chosen.UnionWith(matching);
            if (matching.Length == 0 && name is not ("*" or ""))
                noPrograms.Add(selector);
        }
        return new(
            [.. registry.Programs.Where(p => chosen.Contains(p.Spec.Name))], noGroups.ToImmutable(), noPrograms.ToImmutable());
    }
}
