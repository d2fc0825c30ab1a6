using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal;

/// <summary>What the scripts of a group's VIPs are on a host.</summary>
internal static class ScriptFindings
{
    public static IEnumerable<Finding> Of(Group group, HostFacts facts) => facts.Scripts.Select(script =>
    {
        var (value, right) = script.State switch
        {
            PathState.Fine => (script.Path, ""),
            PathState.Missing => ($"there is no script '{script.Path}'", "install it there, or correct the VIP's script"),
            PathState.WrongKind => ($"'{script.Path}' is a directory", "the path of a file"),
            PathState.NotExecutable => ($"'{script.Path}' is not executable", $"chmod +x {script.Path}"),
            PathState.Silent => ($"'{script.Path}' was looked for, and nothing answered in 2 s", "a file system that answers"),
            _ => ($"the agent may not execute '{script.Path}'", "permission to execute it"),
        };
        return new Finding("script", group.Name, script.State == PathState.Fine ? Verdict.Ok : Verdict.Fails, value, right);
    });
}
