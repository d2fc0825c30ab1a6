namespace HaGrpc.Ctl.Shell;

/// <summary>Files and folders whose paths begin so; folders end with a slash.</summary>
internal static class FileNames
{
    /// <summary>Sorted; none where nothing can be read. Hidden ones only when the dot is typed.</summary>
    internal static IReadOnlyList<string> Of(string begun)
    {
        var slash = begun.LastIndexOf('/');
        var (folder, name) = (begun[..(slash + 1)], begun[(slash + 1)..]);
        try
        {
            return
            [
                .. new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos()
                    .Where(file => file.Name.StartsWith(name, StringComparison.Ordinal) && (file.Name[0] != '.' || name.Length > 0))
                    .Select(file => $"{folder}{file.Name}{(Directory.Exists(file.FullName) ? "/" : "")}")
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
