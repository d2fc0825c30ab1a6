namespace HaGrpc.Core.Model.Validation;

/// <summary>Expansions in a program's texts, and the names of its processes.</summary>
internal static class ExpansionRules
{
    private static readonly string[] Everywhere = ["program_name", "group_name", "process_num", "numprocs"];
    private static readonly string[] OnHosts = [.. Everywhere, "host_node_name"];

    internal static void Check(Program program, string path, ICollection<FieldError> errors)
    {
        Text("command", program.Command);
        Text("directory", program.Directory);
        Text("stdout_logfile", program.StdoutLogfile);
        Text("stderr_logfile", program.StderrLogfile);
        foreach (var (name, value) in program.Environment)
            Text($"environment.{name}", value);
        if (program.NumProcs is < 1 or > ProgramExpansion.MostProcesses)
            Add("numprocs", $"{program.NumProcs}", $"must be 1 to {ProgramExpansion.MostProcesses}");
        else if (program.NumProcs > 1 && !Expansion.Mentions(program.ProcessName, "process_num"))
            Add("process_name", program.ProcessName, $"{program.NumProcs} processes need {program.NumProcs} names: %(program_name)s_%(process_num)02d");
        if (program.NumProcsStart is < 0 or > 1_000_000)
            Add("numprocs_start", $"{program.NumProcsStart}", "must be 0 to 1000000");
        if (NameProblem(program) is { } problem)
            Add("process_name", program.ProcessName, problem);

        void Text(string field, string value)
        {
            if (OnHostProblem(value) is { } wrong)
                Add(field, value, wrong);
        }

        void Add(string field, string value, string message) => errors.Add(new($"{path}.{field}", value, message));
    }

    /// <summary>What is wrong with the expansions of a text that the host works off.</summary>
    internal static string? OnHostProblem(string text) => Problem(text, OnHosts, allowsEnvironment: true);

    private static string? NameProblem(Program program)
    {
        if (Problem(program.ProcessName, Everywhere, allowsEnvironment: false) is { } wrong)
            return wrong;
        foreach (var process in ProgramExpansion.Of(program))
        {
            // A wrong name of the program itself is told where that stands.
            if (process.Name != program.Name && NameRules.Problem(process.Name.Name, "process") is { } problem)
                return $"gives {process.Name.Name}: {problem}";
        }
        return null;
    }

    private static string? Problem(string text, string[] known, bool allowsEnvironment) => Expansion.Problem(
        text,
        name => known.Contains(name, StringComparer.Ordinal) || (allowsEnvironment && name.StartsWith("ENV_", StringComparison.Ordinal) && name.Length > 4),
        name => name is "process_num" or "numprocs",
        name => name == "here"
            ? "%(here)s is where Supervisor's configuration lies, which hosts do not have here: write the path"
            : $"the expansion %({name}) is unknown; " + (NearestName.Of(name, known) is { } near
                ? $"did you mean %({near})?"
                : $"known here: {string.Join(", ", known)}{(allowsEnvironment ? ", ENV_NAME" : "")}"));
}
