using System.Globalization;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Bench.Supervision;

/// <summary>What is measured, each from outside and in the same way for every supervisor.</summary>
internal sealed class Workloads(Supervisor supervisor, Results results, string directory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

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

    /// <summary>One program that writes as fast as it can, and how soon another one is started again meanwhile.</summary>
    /// <param name="rounds">How often the other one is killed.</param>
    /// <param name="writes">What the figures call it.</param>
    /// <param name="writer">Writes to its standard output until it is killed; run by a shell, which it replaces.</param>
    public async Task Flood(int rounds, string writes, string writer)
    {
        var (starts, log) = (Path.Combine(directory, "starts"), Path.Combine(directory, "writers"));
        await File.WriteAllTextAsync(starts, "");
        await File.WriteAllTextAsync(log, "");
        await supervisor.Add(
        [
            new("victim", $"sh -c 'echo $$ >>{starts}; exec sleep infinity'"),
            new("writer", $"sh -c 'echo $$ >>{log}; {writer}'", Output: Path.Combine(directory, "flood")),
        ]);
        using var started = new StartLog(starts);
        using var writing = new StartLog(log);
        var (victim, flood) = (await started.Next(Limit), await writing.Next(Limit));
        await Eventually.Until("both programs are RUNNING", Limit, async () => await supervisor.Running() == 2);
        var pauses = new Random(1);
        for (var round = 0; round < rounds; round++)
        {
            var (before, since) = (Written(flood.Pid), BootClock.Nanoseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(pauses.Next(500, 1500)));
            results.Add(supervisor.Name, $"log of one program, {writes}", "MB/s", (Written(flood.Pid) - before) / 1e6 / Since(since));
            var at = BootClock.Nanoseconds;
            Libc.Check(Libc.Kill(victim.Pid, Libc.SigKill), "kill the program");
            victim = await started.Next(Limit);
            results.Add(supervisor.Name, $"crash to respawn meanwhile, {writes}", "ms", (victim.At - at) / 1e6);
            await Eventually.Until("both programs are RUNNING", Limit, async () => await supervisor.Running() == 2);
        }
        foreach (var shim in supervisor.Shims())
            results.Add(supervisor.Name, $"private per program meanwhile, {writes}", "MiB", ProcFile.Kilobytes(shim, "smaps_rollup", "Private_Clean:", "Private_Dirty:") / 1024.0);
    }

    /// <summary>What a process has written so far (proc(5), io), of which a pipe holds at most a little back.</summary>
    private static double Written(int pid)
    {
        const string Key = "wchar: ";
        var line = File.ReadLines($"/proc/{pid}/io").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return double.Parse(line[Key.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Many programs from nothing to all RUNNING, what they cost idle, and their end.</summary>
    public async Task Many(int count)
    {
        var at = BootClock.Nanoseconds;
        await supervisor.Add([.. Enumerable.Range(0, count).Select(i => new BenchProgram(string.Create(CultureInfo.InvariantCulture, $"p{i:0000}"), "sleep infinity"))]);
        // Seldom: to be asked costs the supervisor, and us, what the work is measured with.
        while (await supervisor.Running() != count)
        {
            if (Since(at) > Limit.TotalSeconds)
                throw new TimeoutException($"{count} programs are not RUNNING after {Limit.TotalSeconds:0} s");
            await Task.Delay(Look);
        }
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
        var shims = supervisor.Shims();
        foreach (var shim in shims)
            results.Add(supervisor.Name, "private per program", "MiB", ProcFile.Kilobytes(shim, "smaps_rollup", "Private_Clean:", "Private_Dirty:") / 1024.0);
        var before = Ticks([supervisor.Pid, .. shims]);
        var at = BootClock.Nanoseconds;
        await Task.Delay(TimeSpan.FromSeconds(10));
        results.Add(supervisor.Name, $"idle with {count}, of a core", "%", (Ticks([supervisor.Pid, .. shims]) - before) / Since(at));
        results.Add(supervisor.Name, $"resident with {count}, at rest", "MiB", ProcFile.Kilobytes(supervisor.Pid, "status", "VmRSS:") / 1024.0);
        results.Add(supervisor.Name, $"resident with {count}, at most", "MiB", ProcFile.Kilobytes(supervisor.Pid, "status", "VmHWM:") / 1024.0);
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
