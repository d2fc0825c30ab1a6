using HaGrpc.Agent.Programs;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Supervision;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Compat;

/// <summary>Looks at a command before a start is tried, as Supervisor does: what is missing is said, not retried.</summary>
/// <param name="host">This host's name.</param>
internal sealed class CommandCheck(string host)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with the program's command; null when nothing is, or when only a start can tell.</summary>
    public SupervisorFault? Of(ConfiguredProgram program)
    {
        var expanded = HostExpansion.Of(program, host, out _);
        if (expanded is null || !CommandLine.TrySplit(expanded.Command, out var words, out _))
            return null;
        var word = words[0];
        var path = word.Contains('/', StringComparison.Ordinal)
            ? Path.Combine(expanded.Directory.Length > 0 ? expanded.Directory : "/", word)
            : SearchPath().Select(folder => Path.Combine(folder, word)).FirstOrDefault(File.Exists);
        if (Directory.Exists(path))
            return new(FaultCode.NotExecutable, $"command at '{word}' is a directory");
        if (!File.Exists(path))
            return new(FaultCode.NoFile, $"can't find command '{word}'");
        return (File.GetUnixFileMode(path) & Executable) == 0
            ? new(FaultCode.NotExecutable, $"command at '{word}' is not executable")
            : null;
    }

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
}
