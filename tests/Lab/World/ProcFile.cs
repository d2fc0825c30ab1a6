using System.Globalization;

namespace HaGrpc.Lab.World;

/// <summary>What /proc says of processes (proc(5)).</summary>
internal static class ProcFile
{
    /// <summary>A line of the form "Name:   123 kB".</summary>
    public static long Kilobytes(int pid, string file, params string[] names) =>
        File.ReadLines($"/proc/{pid}/{file}")
            .Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal)))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    /// <summary>Living processes whose executable's name (comm, cut at 15 bytes) is this one.</summary>
    public static IReadOnlyList<int> Named(string name)
    {
        List<int> found = [];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                var stat = File.ReadAllText($"{directory}/stat");
                var end = stat.LastIndexOf(')');
                if (stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end] == name && stat[end + 2] is not 'Z' and not 'X')
                    found.Add(pid);
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        return found;
    }

    /// <summary>Whether the process's network has an established TCP connection to a port of another host, as the side that dialled, and all
    /// that was sent over it has arrived (/proc/PID/net/tcp and tcp6, proc_pid_net(5)): a socket for both families is listed among the latter.
    /// After a cut what is under way is repeated ever more rarely, and until it is nothing else arrives.</summary>
    public static bool HasDialled(int pid, int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return new[] { "tcp", "tcp6" }.Select(table => $"/proc/{pid}/net/{table}").Where(File.Exists)
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(columns => columns[2].EndsWith(remote, StringComparison.Ordinal) && columns[3] == "01" && columns[4].StartsWith("00000000:", StringComparison.Ordinal));
    }

    /// <summary>Living processes in a network namespace, given as <see cref="Namespace"/> returns it.</summary>
    public static IReadOnlyList<int> InNamespace(string network)
    {
        List<int> found = [];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) && Namespace(pid, "net") == network)
                found.Add(pid);
        }
        return found;
    }

    /// <summary>Name of the process's executable (comm, cut at 15 bytes); empty when it has ended.</summary>
    public static string Command(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").TrimEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>A process's children; none of one that has ended.</summary>
    public static IReadOnlyList<int> Children(int pid)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>A process's arguments; none of one that has ended.</summary>
    public static string[] Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>A process's id as its own host sees it; 0 when it has ended.</summary>
    public static int InnerPid(int pid)
    {
        const string line = "NSpid:";
        try
        {
            return int.Parse(
                File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(line, StringComparison.Ordinal))[line.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries)[^1],
                CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Identity of a process's namespace, for example net:[4026531840]; empty when the process has ended.</summary>
    public static string Namespace(int pid, string kind)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
