using HaGrpc.Agent.Programs;
using HaGrpc.Core.Hooks;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Hooks;

/// <summary>Turns a call of a hook into what a shim needs.</summary>
internal static class HookSpec
{
    /// <summary>The file that becomes standard input, in the shim's directory.</summary>
    public const string Input = "input";

    /// <summary>The file that takes standard output and standard error.</summary>
    public const string Output = "output";

    // With one backup: what a hook may fill of the run directory, which is memory, is twice this.
    private const long MostOutput = 256 << 10;

    /// <summary>The spec; null, and what is wrong, when there cannot be one.</summary>
    /// <param name="turn">What is to run.</param>
    /// <param name="instance">Marks its processes.</param>
    /// <param name="directory">Where its shim is to live.</param>
    /// <param name="options">This host.</param>
    /// <param name="error">What is wrong.</param>
    public static ShimSpec? Build(HookTurn turn, string instance, ShimDirectory directory, ProgramHostOptions options, out string error)
    {
        var (hook, facts) = (turn.Call.Hook, turn.Batch.Facts);
        error = "";
        var user = hook.User.Length == 0 ? null : UserAccount.Find(hook.User);
        if (user is null && hook.User.Length > 0)
        {
            error = $"no such user '{hook.User}' on this host";
            return null;
        }
        var words = turn.Call.Words(facts.Group, facts.Priority);
        var spec = new ShimSpec()
            .Add("boot", options.BootId.ToString())
            .Add("instance", instance)
            .Add("deadline", turn.Call.NeedsLease ? options.DeadlinePath(facts.Group) : null)
            .Add("directory", "/")
            .Add("stdin", directory.File(Input))
            .Add("stdout", directory.File(Output))
            .Add("stdoutmax", MostOutput)
            .Add("stdoutbackups", 1)
            .Add("redirect", "1")
            // For the next agent, which ends it.
            .Add("hook", hook.Name)
            .Add("hookgroup", facts.Group)
            .Add("hookepoch", facts.Epoch);
        SpecBuilder.RunAs(spec, user);
        spec.Add("exec", words[0]);
        foreach (var word in words)
            spec.Add("arg", word);
        var environment = SpecBuilder.InheritedEnvironment();
        foreach (var (key, value) in facts.Environment(turn.Call))
            environment[key] = value;
        environment["HA_INSTANCE"] = instance;
        foreach (var (key, value) in environment)
            spec.Add("env", $"{key}={value}");
        return spec;
    }
}
