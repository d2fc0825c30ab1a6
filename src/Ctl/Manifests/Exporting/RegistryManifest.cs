using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;
using HaGrpc.Ctl.Manifests.Fields;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests.Exporting;

/// <summary>What is registered as one manifest: applying it changes nothing.</summary>
internal sealed class RegistryManifest
{
    private static readonly Origin Nowhere = new("", 0, "");

    private readonly List<string> _problems = [];

    private RegistryManifest(string text) => Text = text;

    /// <summary>The manifest; empty when there is nothing to write.</summary>
    internal string Text { get; private set; }

    /// <summary>What it cannot say, one line each.</summary>
    internal IReadOnlyList<string> Problems => _problems;

    /// <summary>Writes the manifest, everything in the order of its names.</summary>
    /// <param name="registry">What is registered.</param>
    /// <param name="selection">The part of it that is wanted.</param>
    internal static RegistryManifest Of(ExportResponse registry, ExportSelection selection)
    {
        var made = new RegistryManifest("");
        var templates = registry.Programs.Select(p => p.ToModel()).GroupBy(ProgramExpansion.TemplateOf)
            .OrderBy(t => t.Key.Group, StringComparer.Ordinal).ThenBy(t => t.Key.Name, StringComparer.Ordinal).ToArray();
        var document = new ManifestMap(Nowhere);
        Add(document, "hosts", registry.Hosts.Where(h => selection.HasHost(h.Name)).OrderBy(h => h.Name, StringComparer.Ordinal)
            .Select(host => HostFields.Section.Of(host)));
        Add(document, "groups", registry.Groups.Where(g => selection.HasGroup(g.Name)).OrderBy(g => g.Name, StringComparer.Ordinal)
            .Select(group => made.Group(group, templates.Where(t => t.Key.Group == group.Name))));
        Add(document, "programs", templates.Where(t => selection.HasProgram(t.Key)).SelectMany(t => made.Programs(t, ProgramFields.AtTop)));
        made.Text = document.Fields.Count == 0 ? "" : ManifestWriter.Write(document, []);
        return made;
    }

    private ManifestMap Group(V1.Group group, IEnumerable<IGrouping<ProgramName, Core.Model.Program>> templates)
    {
        var map = GroupFields.Section.Of(group);
        Add(map, "programs", templates.SelectMany(template => Programs(template, ProgramFields.InGroup)));
        return map;
    }

    private IEnumerable<ManifestMap> Programs(IGrouping<ProgramName, Core.Model.Program> template, Section<V1.Program> section)
    {
        Core.Model.Program[] processes = [.. template];
        if (ProcessTemplate.Of(processes) is { } program)
            return [section.Of(program.ToProto())];
        _problems.Add($"{template.Key}: its {processes.Length} processes differ in more than their number; each is written as a program of its own, "
            + "and to apply this registers it anew");
        return processes.OrderBy(process => process.Name.Name, StringComparer.Ordinal)
            .Select(process => section.Of((process with { Template = "" }).ToProto()));
    }

    private static void Add(ManifestMap map, string field, IEnumerable<ManifestMap> items)
    {
        List<ManifestMap> list = [.. items];
        if (list.Count > 0)
            map.Add(field, new MapsValue(list));
    }
}
