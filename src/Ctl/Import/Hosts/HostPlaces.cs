using HaGrpc.Ctl.Import.Supervisor;

namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>A copy of a host's configuration: of its whole tree (<c>DIR/etc/supervisor</c>), or of <c>/etc</c> itself
/// (<c>DIR/supervisor</c>). Absolute paths of the configuration are looked up in the copy, never on this machine.</summary>
internal sealed class HostPlaces(string root) : IConfigurationPlaces
{
    private const string Etc = "/etc/";

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<string> Matches(string pattern, string directory)
    {
        var found = Find(pattern, directory);
        _read.UnionWith(found.Select(Path.GetFullPath));
        return found;
    }

    private IReadOnlyList<string> Find(string pattern, string directory)
    {
        if (!pattern.StartsWith('/'))
            return Wildcard.Matches(Path.Join(directory, pattern));
        var found = Wildcard.Matches(Path.Join(root, pattern));
        return found.Count > 0 || !pattern.StartsWith(Etc, StringComparison.Ordinal)
            ? found
            : Wildcard.Matches(Path.Join(root, pattern[Etc.Length..]));
    }

    /// <inheritdoc/>
    public string DirectoryOf(string file)
    {
        _read.Add(Path.GetFullPath(file));
        var below = Path.GetDirectoryName(Path.GetRelativePath(root, file)) ?? "";
        return Directory.Exists(Path.Join(root, "etc")) ? $"/{below}" : $"{Etc}{below}".TrimEnd('/');
    }

    /// <summary>True for a file that some configuration has led to.</summary>
    internal bool HasRead(string file) => _read.Contains(Path.GetFullPath(file));
}
