using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>What the kernel has counted in a program's cgroup; 0 where the controller is off.</summary>
/// <param name="Refused">How often it was refused a process or thread (pids.events, max).</param>
/// <param name="Throttled">In how many periods it had used up its processor time (cpu.stat, nr_throttled).</param>
/// <param name="AtMemory">How often it was about to exceed its memory (memory.events, max).</param>
/// <param name="Stalled">Percentage of the last ten seconds in which every process of it that could run waited for memory instead
/// (memory.pressure, full avg10).</param>
public readonly record struct LimitCounts(long Refused, long Throttled, long AtMemory, double Stalled);

/// <summary>
/// Whether a limit holds a program back that runs on, from what the kernel counts, looked at now and again. A refused process is one too few
/// and is told for good; at its limits of processor time and memory a program may be in order (a short burst, files in the cache), so
/// that these are told only while they cost it a good part of its time.
/// </summary>
/// <param name="limits">The limits in force.</param>
/// <param name="refusedBefore">What <see cref="LimitCounts.Refused"/> was when they came into force.</param>
public sealed class LimitPressure(Limits limits, long refusedBefore)
{
    /// <summary>How long the kernel's periods of processor time are, as the agent sets them.</summary>
    public static readonly TimeSpan CpuPeriod = TimeSpan.FromMilliseconds(100);

    private const double CpuBegins = 0.5, CpuEnds = 0.25;
    private const double StallBegins = 10, StallEnds = 5;

    private (LimitCounts Counts, BootInstant At)? _last;
    private bool _atCpu;
    private bool _atMemory;

    /// <summary>How often a process or thread was refused under these limits.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes the next look.</summary>
    /// <param name="counts">What is counted.</param>
    /// <param name="at">When; later than the last time.</param>
    public void Look(LimitCounts counts, BootInstant at)
    {
        Refused = limits.Pids is null ? 0 : Math.Max(0, counts.Refused - refusedBefore);
        if (_last is { } last && at > last.At)
        {
            var share = (counts.Throttled - last.Counts.Throttled) * (CpuPeriod / (at - last.At));
            _atCpu = limits.CpuMillis is not null && share >= (_atCpu ? CpuEnds : CpuBegins);
            // A stall may also be the host's: it is this limit's only while the program comes up to it.
            _atMemory = limits.Memory is not null && counts.AtMemory > last.Counts.AtMemory
                && counts.Stalled >= (_atMemory ? StallEnds : StallBegins);
        }
        _last = (counts, at);
    }

    /// <summary>What holds it back, by the limits' names in a manifest, each with the words for people.</summary>
    public IEnumerable<(string Limit, string Words)> Held()
    {
        if (Refused > 0)
            yield return ("pids", string.Create(CultureInfo.InvariantCulture, $"pids limit {limits.Pids} reached {Times(Refused)}"));
        if (_atCpu)
            yield return ("cpu", string.Create(CultureInfo.InvariantCulture, $"held back at its cpu limit {limits.CpuMillis / 10m:0.#}%"));
        if (_atMemory)
            yield return ("memory", $"waiting for memory at its limit {SizeText.Format(limits.Memory ?? 0)}");
    }

    private static string Times(long count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");
}
