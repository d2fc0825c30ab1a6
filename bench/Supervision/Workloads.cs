using System.Globalization;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Bench.Supervision;

/// <summary>What is measured, each from outside and in the same way for every supervisor.</summary>
internal sealed class Workloads(Supervisor supervisor, Results results, string directory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>From kill -9 of the program to the first instruction of its next instance.</summary>
    public async Task Respawn(int rounds)
    {
        var log = Path.Combine(directory, "starts");
        await File.WriteAllTextAsync(log, "");
        await supervisor.Add([new("victim", $"sh -c 'echo $$ >>{log}; exec sleep infinity'")]);
        using var started = new StartLog(log);
        var pauses = new Random(1);
        var pid = await started.Next(Limit);
        for (var round = 0; round < rounds; round++)
        {
            await Eventually.Until("the program is RUNNING", Limit, async () => await supervisor.Running() == 1);
            // Not in step with anybody's clock.
            await Task.Delay(TimeSpan.FromMilliseconds(pauses.Next(100, 1100)));
            var at = BootClock.Nanoseconds;
            Libc.Check(Libc.Kill(pid.Pid, Libc.SigKill), "kill the program");
            pid = await started.Next(Limit);
            results.Add(supervisor.Name, "crash to respawn", "ms", (pid.At - at) / 1e6);
        }
    }

    /// <summary>Many programs from nothing to all RUNNING, what they cost idle, and their end.</summary>
    public async Task Many(int count)
    {
        var at = BootClock.Nanoseconds;
        await supervisor.Add([.. Enumerable.Range(0, count).Select(i => new BenchProgram(string.Create(CultureInfo.InvariantCulture, $"p{i:0000}"), "sleep infinity"))]);
        await Eventually.Until($"{count} programs are RUNNING", Limit, async () => await supervisor.Running() == count);
        results.Add(supervisor.Name, $"{count} programs from nothing to all RUNNING", "s", Since(at));
        for (var round = 0; round < 15; round++)
        {
            at = BootClock.Nanoseconds;
            await supervisor.Status();
            results.Add(supervisor.Name, $"status of {count}", "ms", Since(at) * 1000);
        }
        await Idle(count);
        at = BootClock.Nanoseconds;
        await supervisor.StopAll();
        results.Add(supervisor.Name, $"stop of {count}", "s", Since(at));
        if (await supervisor.Running() is > 0 and var left)
            throw new InvalidOperationException($"{left} programs run after the stop");
    }

    private async Task Idle(int count)
    {
        results.Add(supervisor.Name, $"resident with {count}", "MiB", ProcFile.Kilobytes(supervisor.Pid, "status", "VmRSS:") / 1024.0);
        var shims = supervisor.Shims();
        foreach (var shim in shims)
            results.Add(supervisor.Name, "private per program", "MiB", ProcFile.Kilobytes(shim, "smaps_rollup", "Private_Clean:", "Private_Dirty:") / 1024.0);
        var before = Ticks([supervisor.Pid, .. shims]);
        var at = BootClock.Nanoseconds;
        await Task.Delay(TimeSpan.FromSeconds(10));
        results.Add(supervisor.Name, $"idle with {count}, of a core", "%", (Ticks([supervisor.Pid, .. shims]) - before) / Since(at));
    }

    /// <summary>Processor time in hundredths of a second (proc(5): utime and stime in clock ticks, 100 per second).</summary>
    private static double Ticks(IEnumerable<int> pids) => pids.Sum(pid =>
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    });

    private static double Since(long at) => (BootClock.Nanoseconds - at) / 1e9;
}
