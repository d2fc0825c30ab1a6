using YamlDotNet.Core;

namespace HaGrpc.Ctl.Manifests;

/// <summary>Reads manifests (docs/reference/manifest.md) into one request, with every mistake at once.</summary>
internal static class ManifestReader
{
    /// <summary>Reads all sources. A source that is not YAML is an error; the others are still read.</summary>
    internal static Manifest Read(IEnumerable<ManifestSource> sources)
    {
        var manifest = new Manifest();
        foreach (var source in sources)
        {
            manifest.AddFile(source.Name);
            if (source.Problem is { } problem)
                manifest.AddError("", new(source.Name, 0, ""), "", problem);
            else
                Read(source, manifest);
        }
        var request = manifest.Request;
        if (!manifest.HasErrors && request.Hosts.Count + request.Groups.Count + request.Programs.Count == 0)
        {
            var names = string.Join(", ", sources.Select(source => source.Name));
            manifest.AddError("", new(names, 0, ""), "", "nothing to apply: there is no hosts, groups or programs list");
        }
        return manifest;
    }

    private static void Read(ManifestSource source, Manifest manifest)
    {
        using var text = new StringReader(source.Text);
        try
        {
            foreach (var root in YamlDocuments.Read(text))
                Document(root, source.Name, manifest);
        }
        catch (YamlException error)
        {
            manifest.AddError("", new(source.Name, (int)error.Start.Line, ""), "", $"not YAML: {error.Message}");
        }
    }

    private static void Document(YamlNode root, string file, Manifest manifest)
    {
        var place = new Place(file, root.Line, "");
        if (root is not YamlMap map)
        {
            manifest.AddError("", place, "", "a manifest is a mapping with the fields hosts, groups, programs");
            return;
        }
        var document = new MapReader(manifest, map, place, "");
        foreach (var host in document.Maps("hosts", () => manifest.Request.Hosts.Count, "hosts"))
            manifest.Request.Hosts.Add(HostSection.Read(host));
        foreach (var group in document.Maps("groups", () => manifest.Request.Groups.Count, "groups"))
            GroupSection.Read(group, manifest.Request);
        foreach (var program in document.Maps("programs", () => manifest.Request.Programs.Count, "programs"))
            manifest.Request.Programs.Add(ProgramSection.Read(program, group: null));
        document.RefuseOthers();
    }
}
