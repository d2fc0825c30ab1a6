using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Programs;

/// <summary>What the runners of all programs share.</summary>
/// <param name="Options">This host.</param>
/// <param name="Thread">The thread that everything happens on.</param>
/// <param name="Cgroups">Where programs get cgroups; null for none.</param>
/// <param name="Time">Wall clock, for people.</param>
/// <param name="Logger">The log.</param>
/// <param name="Changed">Called after every change of a program's state.</param>
/// <param name="Happened">Called with what is worth a line in the history: its kind, the program, and the words for people.</param>
/// <param name="Forgotten">Called with a program of which nothing is left on this host.</param>
/// <param name="FitnessChanged">Called with a group and why this host cannot run it; empty when it can again.</param>
internal sealed record HostContext(
    ProgramHostOptions Options,
    EventThread Thread,
    CgroupRoot? Cgroups,
    TimeProvider Time,
    ILogger Logger,
    Action<ObservedProgram> Changed,
    Action<string, ProgramName, string> Happened,
    Action<ProgramName> Forgotten,
    Action<string, string> FitnessChanged)
{
    /// <summary>The jitter of waits; only on the host's thread.</summary>
    public Random Chance { get; } = new(BitConverter.ToInt32(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4)));

    /// <summary>The present instant.</summary>
    public static BootInstant Now => new(BootClock.Nanoseconds);

    /// <summary>The directory of a program's shim.</summary>
    public ShimDirectory DirectoryOf(ProgramName name) =>
        new(Path.Combine(Options.RunDirectory, "programs", name.Group, name.Name));
}
