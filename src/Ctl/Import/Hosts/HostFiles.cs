using HaGrpc.Ctl.Import.ProgramIni;

namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>What lies in the copy of a host's configuration, by what it is.</summary>
internal sealed class HostFiles
{
    private const int DeepestFolder = 8;
    private const int MostFiles = 5000;

    /// <summary>Main configurations of Supervisor.</summary>
    internal List<string> Supervisor { get; } = [];

    /// <summary>Main configurations of keepalived.</summary>
    internal List<string> Keepalived { get; } = [];

    /// <summary>Cards of programs.</summary>
    internal List<string> Cards { get; } = [];

    /// <summary>Settings of the scripts around them: the peer, and where its programs are kept.</summary>
    internal List<(string File, ShellSettings Settings)> Scripts { get; } = [];

    /// <summary>Lists of what is synchronized and what is not.</summary>
    internal List<string> SyncLists { get; } = [];

    /// <summary>Whatever else is there.</summary>
    internal List<string> Others { get; } = [];

    /// <summary>Looks through a directory.</summary>
    internal static HostFiles Of(string root, ImportReport report)
    {
        var files = new HostFiles();
        if (!Directory.Exists(root))
        {
            report.Fail(new(root, 0, ""), "no such directory");
            return files;
        }
        try
        {
            var options = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = DeepestFolder,
                AttributesToSkip = FileAttributes.ReparsePoint,
            };
            foreach (var file in Directory.EnumerateFiles(root, "*", options).Take(MostFiles + 1).Order(StringComparer.Ordinal))
                files.Sort(file, report);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            report.Fail(new(root, 0, ""), $"cannot be read: {error.Message}");
        }
        if (files.Count > MostFiles)
            report.Fail(new(root, 0, ""), $"more than {MostFiles} files: surely not the copy of a host's configuration");
        return files;
    }

    private int Count => Supervisor.Count + Keepalived.Count + Cards.Count + Scripts.Count + SyncLists.Count + Others.Count;

    private void Sort(string file, ImportReport report)
    {
        var name = Path.GetFileName(file);
        var isSync = name.Contains("rsync", StringComparison.OrdinalIgnoreCase) || name.Contains("inotify", StringComparison.OrdinalIgnoreCase);
        switch (name)
        {
            case "supervisord.conf":
                Supervisor.Add(file);
                break;
            case "keepalived.conf":
                Keepalived.Add(file);
                break;
            case var _ when Path.GetExtension(name) == ".ini" && LegacyText.TryRead(file, out var text, out _):
                Settings(file, text, report);
                break;
            case var _ when isSync && Path.GetExtension(name) is ".list" or ".txt" or ".lst" or ".conf":
                SyncLists.Add(file);
                break;
            default:
                Others.Add(file);
                break;
        }
    }

    private void Settings(string file, string text, ImportReport report)
    {
        if (text.Contains("PROGRAM_RUN", StringComparison.Ordinal))
            Cards.Add(file);
        else if (text.Contains("G_MOVE_", StringComparison.Ordinal))
            Scripts.Add((file, ShellSettings.Read(file, text, report)));
        else
            Others.Add(file);
    }
}
