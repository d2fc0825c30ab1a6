using System.Globalization;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Processes that can be told from all others: <c>sleep</c> for a number of seconds that nobody else asks for.</summary>
internal sealed class Sleepers
{
    private static int _count;
    private readonly string _seconds =
        string.Create(CultureInfo.InvariantCulture, $"{3600 + Interlocked.Increment(ref _count)}.{Environment.ProcessId}");

    /// <summary>The command of one of them.</summary>
    public string Command => $"sleep {_seconds}";

    /// <summary>Process ids of those that are alive; zombies are not.</summary>
    public int[] Alive() =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(IsOne),
    ];

    /// <summary>Completes when there are exactly so many.</summary>
    public Task Are(int count) =>
        Eventually.Until($"{count} processes '{Command}'", 2 * Until.Bound, () => Alive().Length == count, () => $"{Alive().Length}");

    /// <summary>Completes when there is none; signal 0 proves afterwards that the pids seen before are not alive.</summary>
    public Task AreGone() => Are(0);

    /// <summary>True for a process that exists and is no zombie.</summary>
    public static bool IsAlive(int pid) =>
        HaGrpc.Linux.Processes.ProcessStatus.TryRead(pid, out var status) && !status.IsZombie;

    // A zombie has an empty command line.
    private bool IsOne(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline") == $"sleep\0{_seconds}\0" && Libc.Kill(pid, 0) == 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
