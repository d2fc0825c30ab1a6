using HaGrpc.Ctl.Manifests;

namespace HaGrpc.Ctl.Tests.Manifests;

/// <summary>Reads texts as if they were files.</summary>
internal static class Read
{
    internal static Manifest Files(params (string Name, string Text)[] files)
    {
        var manifest = ManifestReader.Read(files.Select(file => new ManifestSource(file.Name, file.Text)));
        manifest.Validate(stored: null);
        return manifest;
    }

    internal static Manifest Text(string text) => Files(("m.yaml", text));

    internal static string Errors(string text) => Errors(Text(text));

    internal static string Errors(Manifest manifest) => string.Join('\n', manifest.Errors.Select(error => error.ToString()));
}
