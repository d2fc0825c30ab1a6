using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>What a program's options are read in.</summary>
/// <param name="Section">The program.</param>
/// <param name="Everywhere"><c>[DEFAULT]</c>, whose options every section has; null when there is none.</param>
/// <param name="Defaults"><c>[supervisord]</c>.</param>
/// <param name="Host">The host's name.</param>
/// <param name="OldGroup">Supervisor's group of the program: its own name when it is in none.</param>
/// <param name="Group">The group that it gets.</param>
/// <param name="Report">Takes what is not carried over.</param>
internal sealed record ProgramScope(
    IniSection Section, IniSection? Everywhere, SupervisordDefaults Defaults, string Host, string OldGroup, string Group, ImportReport Report)
{
    /// <summary>The program's name in Supervisor.</summary>
    internal string Name { get; } = Section.Name[(Section.Name.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();

    internal IniOption? Find(string option) => Section.Find(option) ?? Everywhere?.Find(option);

    /// <summary>The value of an option that has to be known now: with every expansion worked off. Null when it is not there, or cannot be.</summary>
    internal string? Value(string option)
    {
        if (Find(option) is not { } found)
            return null;
        var values = new Dictionary<string, ExpansionValue>(StringComparer.Ordinal)
        {
            ["program_name"] = new(Name),
            ["group_name"] = new(OldGroup),
            ["host_node_name"] = new(Host),
        };
        if (Expansion.TryFinish(Defaults.WithVariables(found.Value), values, out var expanded, out var error))
            return expanded.Trim();
        Report.Lose(found.Origin, $"{found.Value}: {error}; only texts may depend on the host's environment: write the value");
        return null;
    }

    /// <summary>The value of an option with the expansions that hosts work off.</summary>
    internal string? Text(string option) => Find(option) is { } found ? OnHosts(found.Value, found.Origin) : null;

    /// <summary>A text in which percent signs and expansions are such as hosts know them.</summary>
    internal string OnHosts(string text, Origin at)
    {
        var known = Named(text);
        if (Expansion.Problem(known, _ => true, name => name is "process_num" or "numprocs", name => name) is not { } problem)
            return known;
        Report.Lose(at, $"{problem}; Supervisor does not start with it, and every percent sign of it is taken as it stands");
        return known.Replace("%", "%%", StringComparison.Ordinal);

        // A name that means something else here is put in.
        string Named(string value) => OldGroup == Group
            ? value
            : value.Replace("%(group_name)s", OldGroup.Replace("%", "%%", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
