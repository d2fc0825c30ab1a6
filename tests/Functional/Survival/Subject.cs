using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.Programs;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>A program that the run kills and expects back.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Command">Its command.</param>
/// <param name="Processes">How many processes it has when it is whole; 0 for one that ends by itself and is started again and again.</param>
internal sealed record Subject(string Name, string Command, int Processes)
{
    /// <summary>Every kind.</summary>
    /// <param name="folder">Where those that end by themselves keep their journals.</param>
    public static Subject[] All(string folder) =>
    [
        new("plain", "/bin/sleep 100000", 1),
        new("plain2", "/bin/sleep 100000", 1),
        new("shell", RunningHost.Sh("sleep 100000; true"), 2),
        new("forks", RunningHost.Sh("sleep 100000 & sleep 100000 & sleep 100000; true"), 4),
        new("strays", RunningHost.Sh("setsid sleep 100000 & setsid sh -c \"sleep 100000 & exec sleep 100000\" & exec sleep 100000"), 4),
        Job("job", folder, "0.3"),
        Job("job2", folder, "0.1"),
    ];

    /// <summary>The program as it is configured.</summary>
    /// <param name="mark">The variable that marks all programs of a run, and its value.</param>
    public ConfiguredProgram ToProgram((string Name, string Value) mark) => RunningHost.Define(Name, Command) with
    {
        Environment = ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal, [new KeyValuePair<string, string>(mark.Name, mark.Value)]),
        Restart = RestartPolicy.Always,
        StartRetries = 1_000_000,
        Backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)),
    };

    // Each start has an exit status of its own; the last thing it does is to write down which.
    private static Subject Job(string name, string folder, string seconds) => new(
        name,
        RunningHost.Sh(
            $"echo $HA_INSTANCE >> {folder}/{name}.starts; code=$((20 + $(wc -l < {folder}/{name}.starts) %% 200)); sleep {seconds}; "
            + $"echo $HA_INSTANCE $code >> {folder}/{name}.ends; exit $code"),
        0);
}
