namespace HaGrpc.Core.Rehearsal;

/// <summary>What a program finds on a host: its executable, its user, its folders.</summary>
internal static class ProgramFindings
{
    public static IEnumerable<Finding> Of(ProgramFacts program)
    {
        var name = program.Name.ToString();
        if (program.Problem.Length > 0)
            yield return new("program", name, Verdict.Fails, program.Problem, "a command that can be started on this host");
        if (program.User.Length > 0)
            yield return UserOf(name, program);
        if (program.Command is { } command)
            yield return CommandOf(name, command, program);
        if (program.Directory is { } directory)
            yield return FolderOf("directory", name, directory, $"{Whoever(program)} may enter it");
        foreach (var folder in program.Logs)
            yield return FolderOf("log", name, folder, "the agent may write to it");
    }

    private static Finding UserOf(string name, ProgramFacts program) => program.UserState switch
    {
        UserState.Known => new("user", name, Verdict.Ok, program.User),
        UserState.Unknown => new("user", name, Verdict.Fails, $"no such user '{program.User}'", $"create it: useradd --system {program.User}"),
        _ => new("user", name, Verdict.Fails, $"'{program.User}' was asked for, and {Late}", "a directory of users that answers"),
    };

    private static Finding CommandOf(string name, PathFact command, ProgramFacts program)
    {
        var (value, right) = command.State switch
        {
            PathState.Fine => (command.Path, ""),
            PathState.Missing => ($"can't find command '{command.Path}'", command.Path.Contains('/', StringComparison.Ordinal)
                ? "install it there, or correct the program's command"
                : "install it into a folder of the agent's PATH, or name it with its folder"),
            PathState.WrongKind => ($"command at '{command.Path}' is a directory", "the path of a file"),
            PathState.NotExecutable => ($"command at '{command.Path}' is not executable", $"chmod +x {command.Path}"),
            PathState.Silent => ($"'{command.Path}' was looked for, and {Late}", Answering),
            _ => ($"{Whoever(program)} may not execute '{command.Path}'", "permission to execute it, and to enter every folder on the way to it"),
        };
        return new("command", name, command.State == PathState.Fine ? Verdict.Ok : Verdict.Fails, value, right);
    }

    private static Finding FolderOf(string what, string name, FolderFact folder, string need)
    {
        var path = folder.Path.Path;
        return folder.Path.State switch
        {
            PathState.Fine => SpaceRule.Judge(what, name, path, folder.Space),
            PathState.Missing => new(what, name, Verdict.Fails, $"no such directory '{path}'", $"mkdir -p {path}, so that {need}"),
            PathState.WrongKind => new(what, name, Verdict.Fails, $"'{path}' is no directory", $"a directory, so that {need}"),
            PathState.ReadOnly => new(what, name, Verdict.Fails, $"'{path}' is on a read-only file system", "one that can be written to"),
            PathState.Silent => new(what, name, Verdict.Fails, $"'{path}' was looked at, and {Late}", Answering),
            _ => new(what, name, Verdict.Fails, $"permission denied to '{path}'", $"permissions so that {need}"),
        };
    }

    private const string Late = "nothing answered in 2 s";

    private const string Answering = "a file system that answers: a network file system may be away";

    private static string Whoever(ProgramFacts program) => program.User.Length > 0 ? program.User : "the agent's user";
}
