using System.Text;
using HaGrpc.Agent.Logs;
using HaGrpc.Core.Compat;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Compat;

/// <summary>Log files as Supervisor's clients read them: by byte offsets.</summary>
/// <param name="host">This host's name, for expansions.</param>
/// <param name="agentLog">The agent's own log file; empty for none.</param>
internal sealed class LogFiles(string host, string agentLog)
{
    /// <summary>What one call may carry away.</summary>
    private const int MostBytes = 8 << 20;

    /// <summary>Where a program's output goes on this host; empty for nowhere.</summary>
    public (string Stdout, string Stderr) PathsOf(ConfiguredProgram program) => (
        LogPlace.Of(program, standardError: false, host, out _) ?? "",
        LogPlace.Of(program, standardError: true, host, out _) ?? "");

    /// <summary>The agent's own log.</summary>
    /// <exception cref="FaultException">NO_FILE.</exception>
    public string AgentLog => Demand(NewestOf(agentLog));

    /// <summary>One of a program's log files, which exists.</summary>
    /// <exception cref="FaultException">NO_FILE.</exception>
    public string PathOf(ConfiguredProgram program, bool stderr) =>
        Demand(stderr ? PathsOf(program).Stderr : PathsOf(program).Stdout);

    /// <summary>Reads from an offset; a negative one counts from the end and wants length 0, which means to the end.</summary>
    /// <exception cref="FaultException">BAD_ARGUMENTS, FAILED.</exception>
    public static string Read(string path, int offset, int length)
    {
        if (length < 0 || (offset < 0 && length != 0))
            throw new FaultException(FaultCode.BadArguments, $"offset {offset}, length {length}: a negative offset wants length 0");
        using var file = Open(path);
        var from = offset < 0 ? Math.Max(0, file.Length + offset) : offset;
        var wanted = length == 0 ? file.Length - from : length;
        return Text(file, from, Math.Min(wanted, file.Length - from));
    }

    /// <summary>The last bytes behind an offset, and where to go on.</summary>
    /// <returns>Text, offset to go on from, and whether something was left out.</returns>
    public static (string Text, int Offset, bool Overflow) Tail(string path, int offset, int length)
    {
        if (!File.Exists(path))
            return ("", offset, false);
        using var file = Open(path);
        var size = file.Length;
        var overflow = size > (long)offset + length;
        var from = overflow ? size - length : Math.Min(offset, size);
        return (Text(file, Math.Max(0, from), size - Math.Max(0, from)), (int)Math.Min(size, int.MaxValue), overflow);
    }

    /// <summary>Opens a file that somebody else writes, rotates and truncates.</summary>
    public static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    /// <summary>Empties a log; its writer appends and goes on at the beginning.</summary>
    public static void Clear(string path)
    {
        if (path.Length == 0 || !File.Exists(path))
            return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);
        file.SetLength(0);
    }

    // The agent's log rolls by name: agent.json, agent_001.json, ...
    private static string NewestOf(string path)
    {
        if (path.Length == 0)
            return "";
        var pattern = $"{Path.GetFileNameWithoutExtension(path)}_*{Path.GetExtension(path)}";
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var rolled = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
        return rolled.Append(path).Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc) ?? "";
    }

    private static string Demand(string path) =>
        path.Length > 0 && File.Exists(path) ? path : throw new FaultException(FaultCode.NoFile, path);

    private static string Text(FileStream file, long from, long count)
    {
        if (count <= 0)
            return "";
        var bytes = new byte[Math.Min(count, MostBytes)];
        file.Position = from;
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }
}
