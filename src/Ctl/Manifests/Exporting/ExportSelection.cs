using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests.Exporting;

/// <summary>Which part of the registry is wanted: <c>GROUP</c> with its hosts and programs, <c>GROUP:NAME</c> or <c>GROUP:*</c> for programs alone,
/// <c>host/NAME</c>, <c>group/NAME</c>, <c>program/GROUP:NAME</c>; <c>all</c> or nothing for everything.</summary>
internal sealed class ExportSelection
{
    private readonly HashSet<string> _hosts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal);
    private readonly HashSet<ProgramName> _programs = [];
    private readonly List<string> _unknown = [];

    private ExportSelection()
    {
    }

    /// <summary>Selectors that name nothing, one line each for the operator.</summary>
    internal IReadOnlyList<string> Unknown => _unknown;

    /// <summary>True when the host is wanted.</summary>
    internal bool HasHost(string name) => _hosts.Contains(name);

    /// <summary>True when the group is wanted, with its programs.</summary>
    internal bool HasGroup(string name) => _groups.Contains(name);

    /// <summary>True when the program is wanted by itself, without its group.</summary>
    /// <param name="template">The name under which it was registered.</param>
    internal bool HasProgram(ProgramName template) => _programs.Contains(template) && !_groups.Contains(template.Group);

    /// <summary>Looks selectors up.</summary>
    internal static ExportSelection Of(IReadOnlyCollection<string> selectors, ExportResponse registry)
    {
        var selection = new ExportSelection();
        if (selectors.Count == 0 || selectors.Contains("all"))
        {
            selection._hosts.UnionWith(registry.Hosts.Select(h => h.Name));
            selection._groups.UnionWith(registry.Groups.Select(g => g.Name));
            return selection;
        }
        foreach (var selector in selectors)
            selection.Add(selector, registry);
        return selection;
    }

    private void Add(string selector, ExportResponse registry)
    {
        var slash = selector.IndexOf('/', StringComparison.Ordinal);
        var (kind, name) = slash < 0
            ? (selector.Contains(':', StringComparison.Ordinal) ? "program" : "group", selector)
            : (selector[..slash], selector[(slash + 1)..]);
        switch (kind)
        {
            case "host":
                if (IsKnown("host", name, registry.Hosts.Select(h => h.Name)))
                    _ = _hosts.Add(name);
                break;
            case "group":
                if (IsKnown("group", name, registry.Groups.Select(g => g.Name)) && _groups.Add(name))
                    _hosts.UnionWith(registry.Groups.First(g => g.Name == name).Members.Select(m => m.Host));
                break;
            case "program":
                AddPrograms(name, registry);
                break;
            default:
                _unknown.Add($"'{selector}' is no selector: give GROUP, GROUP:NAME, GROUP:*, host/NAME or all");
                break;
        }
    }

    private void AddPrograms(string name, ExportResponse registry)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var group = colon < 0 ? name : name[..colon];
        if (!IsKnown("group", group, registry.Groups.Select(g => g.Name)))
            return;
        var programs = registry.Programs.Where(p => p.Group == group).ToArray();
        if (colon < 0 || name[(colon + 1)..] is "*" or "")
        {
            _programs.UnionWith(programs.Select(TemplateOf));
            return;
        }
        // A process stands for what it was made of.
        var named = programs.Where(p => $"{p.Group}:{p.Name}" == name || TemplateOf(p).ToString() == name).Select(TemplateOf).ToArray();
        if (named.Length > 0 || IsKnown("program", name, programs.Select(p => $"{p.Group}:{p.Name}")))
            _programs.UnionWith(named);
    }

    private bool IsKnown(string kind, string name, IEnumerable<string> names)
    {
        string[] known = [.. names];
        if (known.Contains(name, StringComparer.Ordinal))
            return true;
        _unknown.Add($"no {kind} is called '{name}'{(NearestName.Of(name, known) is { } near ? $"; did you mean '{near}'?" : "")}");
        return false;
    }

    private static ProgramName TemplateOf(V1.Program stored) => new(stored.Group, stored.Template.Length == 0 ? stored.Name : stored.Template);
}
