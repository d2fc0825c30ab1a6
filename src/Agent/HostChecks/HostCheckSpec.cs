using HaGrpc.Agent.Checks;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.HostChecking;

/// <summary>Turns a host's check that runs a command into what a shim needs. It has no deadline: every member runs it, at any time.</summary>
internal static class HostCheckSpec
{
    /// <summary>The spec; null, and what is wrong, when there cannot be one.</summary>
    /// <param name="check">The check.</param>
    /// <param name="group">Its group.</param>
    /// <param name="directory">Where its shim is to live.</param>
    /// <param name="options">This host.</param>
    public static (ShimSpec? Spec, string Error) Build(HostCheck check, string group, ShimDirectory directory, ProgramHostOptions options)
    {
        var user = check.User.Length == 0 ? null : UserAccount.Find(check.User);
        if (user is null && check.User.Length > 0)
            return (null, $"no such user '{check.User}' on this host");
        var instance = Guid.NewGuid().ToString("N");
        var spec = new ShimSpec()
            .Add("boot", options.BootId.ToString())
            .Add("instance", instance)
            .Add("directory", "/");
        ProbeOutput.Take(spec, directory);
        SpecBuilder.RunAs(spec, user);
        spec.Add("exec", check.Exec[0]);
        foreach (var word in check.Exec)
            spec.Add("arg", word);
        var environment = SpecBuilder.InheritedEnvironment();
        environment["HAGRPC_GROUP"] = group;
        environment["HAGRPC_CHECK"] = check.Name;
        environment["HA_INSTANCE"] = instance;
        foreach (var (key, value) in environment)
            spec.Add("env", $"{key}={value}");
        return (spec, "");
    }
}
