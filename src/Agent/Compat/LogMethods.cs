using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>Reads and clears logs.</summary>
/// <param name="programs">The programs.</param>
/// <param name="logs">Their files.</param>
internal sealed class LogMethods(HostPrograms programs, LogFiles logs)
{
    private static readonly string[] ReadTypes = ["string", "string", "int", "int"];
    private static readonly string[] TailTypes = ["array", "string", "int", "int"];
    private static readonly string[] MainTypes = ["string", "int", "int"];

    /// <summary>The methods.</summary>
    public IEnumerable<Method> All =>
    [
        .. Channels("readProcess{0}Log", "readProcessLog", ReadTypes, "Reads a process's log.", ReadAsync),
        .. Channels("tailProcess{0}Log", "tailProcessLog", TailTypes, "Reads the end of a process's log.", TailAsync),
        .. Both("supervisor.readLog", "supervisor.readMainLog", name => Method.Of(name, MainTypes, 2, "Reads the agent's log.",
            a => LogFiles.Read(logs.AgentLog, a.Number(0), a.Number(1)))),
        Method.Of("supervisor.clearLog", ["boolean"], 0, "Always a fault.", _ => throw new FaultException(
            FaultCode.Failed, "the agent's log is kept: it rotates by itself")),
        .. Both("supervisor.clearProcessLogs", "supervisor.clearProcessLog", name => new Method(
            name, ["boolean", "string"], 1, "Empties a process's logs.", ClearAsync)),
        new("supervisor.clearAllProcessLogs", ["array"], 0, "Empties every process's logs.", ClearAllAsync),
    ];

    private static IEnumerable<Method> Channels(
        string pattern, string alias, string[] types, string help, Func<string, int, int, bool, Task<object>> read)
    {
        foreach (var (name, stderr) in new[] { (string.Format(null, pattern, "Stdout"), false), (alias, false), (string.Format(null, pattern, "Stderr"), true) })
            yield return new($"supervisor.{name}", types, 3, help, (a, _) => read(a.Text(0), a.Number(1), a.Number(2), stderr));
    }

    private static IEnumerable<Method> Both(string first, string second, Func<string, Method> make) => [make(first), make(second)];

    private async Task<object> ReadAsync(string name, int offset, int length, bool stderr) =>
        LogFiles.Read(logs.PathOf((await programs.OneAsync(name)).Program, stderr), offset, length);

    private async Task<object> TailAsync(string name, int offset, int length, bool stderr)
    {
        var (stdoutPath, stderrPath) = logs.PathsOf((await programs.OneAsync(name)).Program);
        var path = stderr ? stderrPath : stdoutPath;
        if (!File.Exists(path))
            return (object[])["", 0, false];
        var (text, next, overflow) = LogFiles.Tail(path, offset, Math.Max(0, length));
        return (object[])[text, next, overflow];
    }

    private async Task<object> ClearAsync(Arguments arguments, CancellationToken ct)
    {
        Clear(await programs.OneAsync(arguments.Text(0)));
        return true;
    }

    private async Task<object> ClearAllAsync(Arguments arguments, CancellationToken ct)
    {
        var results = new List<object>();
        foreach (var program in await programs.LookAsync())
            results.Add(ControlMethods.Result(program, TryClear(program)));
        return results.ToArray();
    }

    private SupervisorFault? TryClear(ProgramView program)
    {
        try
        {
            Clear(program);
            return null;
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private void Clear(ProgramView program)
    {
        var (stdout, stderr) = logs.PathsOf(program.Program);
        try
        {
            LogFiles.Clear(stdout);
            LogFiles.Clear(stderr);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(FaultCode.Failed, $"{program.Namespec}: {e.Message}");
        }
    }
}
