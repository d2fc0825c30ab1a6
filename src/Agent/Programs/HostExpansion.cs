using HaGrpc.Core.Model;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// The last pass over a program's expansions: what only its host knows. Its environment sees the agent's; command, directory and log
/// files see both, as Supervisor's do.
/// </summary>
internal static class HostExpansion
{
    /// <summary>One more text of a program, such as what a check asks.</summary>
    public static bool TryText(string text, ConfiguredProgram program, string host, out string expanded, out string error)
    {
        var inherited = SpecBuilder.InheritedEnvironment();
        if (Of(program with { Command = text, Directory = "", StdoutLogfile = "NONE", StderrLogfile = "NONE" }, host, inherited, out error) is { } whole)
        {
            expanded = whole.Command;
            return true;
        }
        expanded = "";
        return false;
    }

    /// <summary>The program with nothing left to expand; null, and what is wrong, when something has no value here.</summary>
    /// <param name="program">The program as configured.</param>
    /// <param name="host">This host's name.</param>
    /// <param name="inherited">The environment that programs inherit.</param>
    /// <param name="error">Field, expansion and what is wrong; empty when nothing is.</param>
    public static ConfiguredProgram? Of(
        ConfiguredProgram program, string host, IReadOnlyDictionary<string, string> inherited, out string error)
    {
        var problem = "";
        var values = new Dictionary<string, ExpansionValue>(StringComparer.Ordinal) { ["host_node_name"] = new(host) };
        foreach (var (name, value) in inherited)
            values[$"ENV_{name}"] = new(value);
        var environment = program.Environment.ToBuilder();
        foreach (var (name, value) in program.Environment)
            environment[name] = Finish($"environment {name}", value);
        foreach (var (name, value) in environment)
            values[$"ENV_{name}"] = new(value);
        var expanded = program with
        {
            Environment = environment.ToImmutable(),
            Command = Finish("command", program.Command),
            Directory = Path("directory", program.Directory, ""),
            StdoutLogfile = Path("stdout_logfile", program.StdoutLogfile, "NONE"),
            StderrLogfile = Path("stderr_logfile", program.StderrLogfile, "NONE"),
        };
        error = problem;
        return problem.Length == 0 ? expanded : null;

        string Finish(string field, string text)
        {
            if (!Expansion.TryFinish(text, values, out var finished, out var wrong) && problem.Length == 0)
                problem = $"{field} '{text}': {wrong}";
            return finished;
        }

        string Path(string field, string text, string none)
        {
            var path = Finish(field, text);
            if (problem.Length == 0 && path.Length > 0 && path != none && !path.StartsWith('/'))
                problem = $"{field} '{text}' is '{path}' on this host, which is no absolute path";
            return path;
        }
    }
}
