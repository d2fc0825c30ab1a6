using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>Groups and programs from Supervisor's sections.</summary>
internal sealed class SupervisorImport(IReadOnlyList<IniSection> sections, SupervisordDefaults defaults, ImportTarget target, ImportReport report)
{
    private const string Program = "program:";

    /// <summary>Reads configurations and makes a manifest of them.</summary>
    internal static void Run(IEnumerable<string> names, ImportTarget target, ImportedManifest manifest)
    {
        var files = new SupervisorFiles(new TheirOwnPlaces(), target, manifest.Report);
        foreach (var name in names)
            files.Read(name);
        foreach (var section in files.Ini.Sections)
            OtherSections.Report(section, manifest.Report);
        var defaults = SupervisordDefaults.Of(files.Ini.Find("supervisord"), target, manifest.Report);
        var import = new SupervisorImport(files.Ini.Sections, defaults, target, manifest.Report);
        foreach (var group in import.Groups())
            manifest.Groups.Add(group);
    }

    /// <summary>A group for each of Supervisor's, and one for the programs that are in none; all in one when the operator has named it.</summary>
    internal IReadOnlyList<ManifestMap> Groups()
    {
        var groups = new List<ManifestMap>();
        foreach (var (name, old, section, at) in Programs())
        {
            var group = groups.Find(there => there.TextOf("name") == name);
            if (group is null)
            {
                groups.Add(group = new ManifestMap(at).Text("name", name));
                group.Fields.Add(target.Members(at, null, report));
            }
            if (Convert(section, old, name) is { } program)
                group.Items("programs").Add(program);
        }
        return [.. groups.Where(group => group.Find("programs") is not null)];
    }

    /// <summary>Adds all programs to a group that is there.</summary>
    internal void AddTo(ManifestMap group)
    {
        foreach (var (_, old, section, _) in Programs())
        {
            if (Convert(section, old, group.TextOf("name")) is { } program)
                group.Items("programs").Add(program);
        }
    }

    private ManifestMap? Convert(IniSection section, string oldGroup, string group) =>
        ProgramConversion.Of(new(section, sections.FirstOrDefault(other => other.Name == "DEFAULT"), defaults, target.Host.Host, oldGroup, group, report));

    /// <summary>Every program with its group here and in Supervisor, and what its group was made from. One that several groups name is one of
    /// each, as in Supervisor.</summary>
    private IEnumerable<(string Group, string OldGroup, IniSection Section, Origin At)> Programs()
    {
        var programs = sections.Where(section => section.Name.StartsWith(Program, StringComparison.Ordinal)).ToList();
        var all = programs.ToList();
        var given = new HashSet<(string Group, IniSection Section)>();
        foreach (var section in sections.Where(section => section.Name.StartsWith("group:", StringComparison.Ordinal)))
        {
            var old = section.Name["group:".Length..].Trim();
            var name = target.Group ?? ObjectName.Of(old, section.Origin, report);
            ReportGroup(section, name);
            foreach (var member in Members(section, all))
            {
                _ = programs.Remove(member);
                if (given.Add((name, member)))
                    yield return (name, old, member, section.Origin);
                else
                    report.Lose(section.Find("programs")!.Origin, $"{member.Name}: is in group {name} already, and cannot be in it twice");
            }
        }
        foreach (var section in programs)
        {
            var old = section.Name[Program.Length..].Trim();
            yield return (target.Group ?? ImportTarget.DefaultGroup, old, section, section.Origin);
        }
    }

    private IEnumerable<IniSection> Members(IniSection group, List<IniSection> all)
    {
        var names = group.Find("programs")?.Value ?? "";
        foreach (var name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (all.Find(section => section.Name[Program.Length..].Trim() == name) is { } found)
                yield return found;
            else
                report.Lose(group.Find("programs")!.Origin, $"{name}: no such [program:…] (an fcgi-program is not carried over)");
        }
    }

    private void ReportGroup(IniSection section, string name)
    {
        if (section.Find("programs") is null)
            report.Lose(section.Origin, "names no programs; Supervisor does not start with it");
        if (section.Find("priority") is { } priority)
            report.Lose(priority.Origin,
                $"{priority.Value}: groups have no order among each other; within a group programs have (priority, after)");
        foreach (var option in section.Options.Where(option => option.Name is not ("programs" or "priority")))
            report.Note(option.Origin, "is no option of a group in Supervisor, which ignores it");
        if (target.Group is not null && target.Group != section.Name["group:".Length..].Trim())
            report.Note(section.Origin, $"its programs are in group {name}, as --group says: {name}:PROGRAM in commands");
    }
}
