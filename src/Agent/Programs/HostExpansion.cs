using System.Collections.Immutable;
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
        if (Of(program with { Command = text, Directory = "", StdoutLogfile = "NONE", StderrLogfile = "NONE" }, host, out error) is { } whole)
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
    /// <param name="error">Field, expansion and what is wrong; empty when nothing is.</param>
    public static ConfiguredProgram? Of(ConfiguredProgram program, string host, out string error)
    {
        var problem = "";
        Dictionary<string, ExpansionValue>? values = null;
        // Of its own environment a variable sees nothing, and the other texts see all.
        var own = ImmutableSortedDictionary<string, string>.Empty;
        var environment = program.Environment;
        foreach (var (name, value) in program.Environment)
            environment = environment.SetItem(name, Finish($"environment {name}", value));
        (own, values) = (environment, null);
        var expanded = program with
        {
            Environment = environment,
            Command = Finish("command", program.Command),
            Directory = Path("directory", program.Directory, ""),
            StdoutLogfile = Path("stdout_logfile", program.StdoutLogfile, "NONE"),
            StderrLogfile = Path("stderr_logfile", program.StderrLogfile, "NONE"),
        };
        error = problem;
        return problem.Length == 0 ? expanded : null;

        string Finish(string field, string text)
        {
            // Most texts have nothing to expand, and a host may have hundreds of programs to start at once.
            if (!text.Contains('%', StringComparison.Ordinal))
                return text;
            values ??= Known();
            if (!Expansion.TryFinish(text, values, out var finished, out var wrong) && problem.Length == 0)
                problem = $"{field} '{text}': {wrong}";
            return finished;
        }

        Dictionary<string, ExpansionValue> Known()
        {
            var known = new Dictionary<string, ExpansionValue>(StringComparer.Ordinal) { ["host_node_name"] = new(host) };
            foreach (var (name, value) in SpecBuilder.InheritedEnvironment())
                known[$"ENV_{name}"] = new(value);
            foreach (var (name, value) in own)
                known[$"ENV_{name}"] = new(value);
            return known;
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
