using System.Text;

namespace HaGrpc.Ctl.Manifests;

/// <summary>The text of one file, or why it could not be read.</summary>
/// <param name="Name">As the operator named it; <c>stdin</c> for <c>-</c>.</param>
/// <param name="Text">Empty when there is a problem.</param>
/// <param name="Problem">Null when the text was read.</param>
internal sealed record ManifestSource(string Name, string Text, string? Problem = null)
{
    private const long LargestBytes = 4 * 1024 * 1024;

    private static string TooLarge => $"larger than {LargestBytes / 1024 / 1024} MiB: surely not a manifest";

    /// <summary>Reads every named file, every <c>*.yaml</c> and <c>*.yml</c> of a named directory (by name, ordinal; manifests
    /// below it are an error: what was silently left out would be deleted by --prune), and standard input for <c>-</c>.</summary>
    internal static IReadOnlyList<ManifestSource> ReadAll(IEnumerable<string> names, TextReader stdin) =>
        [.. names.SelectMany(name => name == "-" ? [ReadInput(stdin)] : Expand(name))];

    private static ManifestSource ReadInput(TextReader stdin)
    {
        var text = new StringBuilder();
        var buffer = new char[64 * 1024];
        while (stdin.Read(buffer, 0, buffer.Length) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            if (text.Length > LargestBytes)
                return new("stdin", "", TooLarge);
        }
        return new("stdin", text.ToString());
    }

    private static ManifestSource[] Expand(string name)
    {
        if (!Directory.Exists(name))
            return [ReadFile(name)];
        try
        {
            var files = Directory.GetFiles(name)
                .Where(IsManifest)
                .Order(StringComparer.Ordinal)
                .Select(ReadFile)
                .Concat(Directory.GetDirectories(name).Order(StringComparer.Ordinal).Where(HasManifests).Select(Unread))
                .ToArray();
            return files.Length > 0 ? files : [new(name, "", "the directory has no *.yaml or *.yml file")];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [new(name, "", $"cannot be read: {error.Message}")];
        }
    }

    private static bool IsManifest(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    private static bool HasManifests(string folder) =>
        !Path.GetFileName(folder).StartsWith('.') && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(IsManifest);

    private static ManifestSource Unread(string folder) =>
        new(folder, "", "has manifests, which are not read with the directory above: name it with another -f, or name the files");

    private static ManifestSource ReadFile(string name)
    {
        try
        {
            if (!File.Exists(name))
                return new(name, "", "no such file");
            return new FileInfo(name).Length > LargestBytes
                ? new(name, "", TooLarge)
                : new(name, File.ReadAllText(name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(name, "", $"cannot be read: {error.Message}");
        }
    }
}
