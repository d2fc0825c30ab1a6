namespace HaGrpc.Core.Model.Validation;

/// <summary>Names that point from one object to another.</summary>
internal static class ReferenceRules
{
    private const int MostNamesShown = 10;

    internal static void Check(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        if (stored is null)
            return;
        var hosts = Known(request.Hosts.Concat(stored.Hosts).Select(host => host.Name));
        var groups = Known(request.Groups.Concat(stored.Groups).Select(group => group.Name));
        for (var g = 0; g < request.Groups.Length; g++)
        {
            for (var m = 0; m < request.Groups[g].Members.Length; m++)
                One(request.Groups[g].Members[m].Host, $"groups[{g}].members[{m}].host", "host", hosts, errors);
        }
        FencingRules.Check(request, stored, errors);
        for (var p = 0; p < request.Programs.Length; p++)
            One(request.Programs[p].Name.Group, $"programs[{p}].group", "group", groups, errors);
    }

    private static SortedSet<string> Known(IEnumerable<string> names) =>
        new(names.Where(name => name.Length > 0), StringComparer.Ordinal);

    private static void One(
        string name, string path, string kind, SortedSet<string> known, ICollection<FieldError> errors)
    {
        if (name.Length == 0 || known.Contains(name))
            return;
        var hint = NearestName.Of(name, known) is { } near ? $"did you mean {near}?" : $"known: {Listed(known)}";
        errors.Add(new(path, name, $"unknown {kind}; {hint}"));
    }

    private static string Listed(SortedSet<string> names) => names.Count switch
    {
        0 => "none",
        > MostNamesShown => $"{string.Join(", ", names.Take(MostNamesShown))} and {names.Count - MostNamesShown} more",
        _ => string.Join(", ", names),
    };
}
