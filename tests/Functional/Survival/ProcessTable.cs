using System.Globalization;
using System.Text;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>
/// Reads /proc and nothing else: which process belongs to which instance of which program, by the environment that all processes of an
/// instance inherit, and which are the shims of one agent. Shares no code with what it observes.
/// </summary>
/// <param name="runDirectory">The agent's run directory.</param>
/// <param name="own">The environment entry that tells this run's programs from those of any other agent on the machine.</param>
internal sealed class ProcessTable(string runDirectory, string own)
{
    private readonly Dictionary<(int, long), (string Program, string Instance)> _marked = [];
    private readonly HashSet<(int, long)> _strangers = [];
    private bool _isFirst = true;

    /// <summary>Every process of ours that is alive now, or was a moment ago.</summary>
    public List<SeenProcess> Read()
    {
        var seen = new List<SeenProcess>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || Stat(pid) is not { } stat)
                continue;
            var key = (pid, stat.Start);
            if (_strangers.Contains(key))
                continue;
            var shim = stat.Name == "ha-shim" ? ShimOf(pid) : "";
            if (!_marked.TryGetValue(key, out var mark) && shim.Length == 0)
            {
                mark = MarkOf(pid);
                if (mark.Instance is { Length: > 0 })
                    _marked[key] = mark;
            }
            if (shim.Length > 0 || mark.Instance is { Length: > 0 })
                seen.Add(new(pid, stat.Start, stat.Parent, stat.State, shim, mark.Program ?? "", mark.Instance ?? ""));
            else if (_isFirst)
                _ = _strangers.Add(key);
        }
        _isFirst = false;
        return seen;
    }

    /// <summary>True while exactly this process runs.</summary>
    public static bool IsAlive(SeenProcess process) => Stat(process.Pid) is { } stat && stat.Start == process.Start;

    private static (string Name, char State, int Parent, long Start)? Stat(int pid)
    {
        if (Text($"/proc/{pid}/stat") is not { Length: > 0 } text)
            return null;
        var end = text.LastIndexOf(')');
        var fields = text[(end + 2)..].Split(' ');
        return fields[0] is "Z" or "X"
            ? null
            : (text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], fields[0][0],
                int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    private string ShimOf(int pid)
    {
        var words = (Text($"/proc/{pid}/cmdline") ?? "").Split('\0');
        return words.Length > 2 && words[2].StartsWith(runDirectory, StringComparison.Ordinal)
            ? words[1] == "run" ? Path.GetFileName(words[2]) : words[1]
            : "";
    }

    private (string Program, string Instance) MarkOf(int pid)
    {
        var (program, instance) = ("", "");
        var entries = (Text($"/proc/{pid}/environ") ?? "").Split('\0');
        if (!entries.Contains(own, StringComparer.Ordinal))
            return default;
        foreach (var entry in entries)
        {
            if (entry.StartsWith("HA_INSTANCE=", StringComparison.Ordinal))
                instance = entry["HA_INSTANCE=".Length..];
            else if (entry.StartsWith("SUPERVISOR_PROCESS_NAME=", StringComparison.Ordinal))
                program = entry["SUPERVISOR_PROCESS_NAME=".Length..];
        }
        return (program, instance);
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
