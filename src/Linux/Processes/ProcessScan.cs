using System.Globalization;
using System.Text;

namespace HaGrpc.Linux.Processes;

/// <summary>A process as /proc shows it.</summary>
/// <param name="Status">What /proc/PID/stat says.</param>
/// <param name="Name">/proc/PID/comm, at most 15 bytes.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="Arguments">Its arguments; none for a thread of the kernel.</param>
internal sealed record ProcessEntry(ProcessStatus Status, string Name, uint Uid, IReadOnlyList<string> Arguments)
{
    /// <summary>The file that it executes; empty when it may not be seen.</summary>
    public string Executable => Link("exe");

    /// <summary>What a descriptor of it is, such as <c>pipe:[17]</c>; empty when it may not be seen.</summary>
    public string Descriptor(int number) => Link(string.Create(CultureInfo.InvariantCulture, $"fd/{number}"));

    private string Link(string name)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{Status.Pid}/{name}")).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>Reads all processes of this pid namespace.</summary>
internal static class ProcessScan
{
    private const string UserLine = "\nUid:\t";

    /// <summary>Those that are no zombies, as of no single instant: they come and go meanwhile.</summary>
    public static IReadOnlyList<ProcessEntry> All()
    {
        var all = new List<ProcessEntry>();
        var pids = new ProcessTree.PidList();
        while (pids.Next(out var pid))
        {
            if (!ProcessStatus.TryRead(pid, out var status) || status.IsZombie)
                continue;
            try
            {
                var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
                all.Add(new(
                    status,
                    File.ReadAllText(folder + "/comm").TrimEnd('\n'),
                    UserOf(File.ReadAllText(folder + "/status")),
                    Words(File.ReadAllBytes(folder + "/cmdline"))));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }
        return all;
    }

    // Uid: real, effective, saved, file system.
    private static uint UserOf(string status)
    {
        var at = status.IndexOf(UserLine, StringComparison.Ordinal);
        return at >= 0 && uint.TryParse(status[(at + UserLine.Length)..].Split('\t', 3)[1], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
            ? uid
            : uint.MaxValue;
    }

    private static string[] Words(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Length == 0 ? [] : (text[^1] == '\0' ? text[..^1] : text).Split('\0');
    }
}
