using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Model.Validation;

namespace HaGrpc.Core.Tests.Model;

/// <summary>A correct model, which each test breaks in one place.</summary>
internal static class Sample
{
    internal static Group Group { get; } = new(
        "web",
        [new("a", 120), new("b", 80)],
        [new("10.0.0.100/24", "eth0", "eth0:vip"), new("2001:db8::100/128", "eth0")],
        [new("10.20.0.0/16", "10.0.0.1", "eth0", "10.0.0.100"), new("default", "10.0.0.1", "eth0")],
        GroupTiming.Default,
        new(FailbackMode.Manual, TimeSpan.Zero));

    internal static Program Program { get; } = new()
    {
        Name = new("web", "http"),
        Command = "/usr/bin/web --port 80",
        Directory = "/srv",
        User = "apps",
        Umask = "022",
        StdoutLogfile = "/var/log/web.log",
    };

    internal static ModelSet Set(Group? group = null, Program? program = null) =>
        new([new("a"), new("b")], [group ?? Group], [program ?? Program]);

    /// <summary>All errors of a set, as lines; what is stored is empty unless given.</summary>
    internal static ImmutableArray<string> Errors(ModelSet set, ModelSet? stored = null) =>
        [.. ModelValidation.Validate(set, stored ?? ModelSet.Empty).Select(error => error.ToString())];

    internal static ImmutableArray<string> Errors(Group group) => Errors(Set(group));

    internal static ImmutableArray<string> Errors(Program program) => Errors(Set(program: program));
}
