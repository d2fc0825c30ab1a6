using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Lab.World;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Limits of single processes, as the kernel shows them, and how an end says that it had to do with one.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_program_begins_with_its_limits_also_as_another_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a lower nice value and another user take root");
        var said = Path.Combine(_host.Scratch, "said");
        var script = "ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc; ulimit -Ss; nice; cat /proc/self/oom_score_adj";
        var limits = new Limits
        {
            Rlimits = Rlimits(("nofile", 100, 200), ("core", 0, 512), ("stack", 1 << 20, null)),
            Nice = -5,
            OomScoreAdj = 300,
        };
        _host.Run(Define(RunningHost.Sh(script), limits) with { StdoutLogfile = said, User = "nobody" });
        (await _host.Until("one", p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(0);
        (await File.ReadAllLinesAsync(said)).ShouldBe(["100", "200", "0", "1", "1024", "-5", "300"]);
    }

    [Fact]
    public async Task A_limit_above_the_agents_own_needs_a_privilege_and_says_so()
    {
        Assert.SkipWhen(HasResourceCapability(), "this user may raise its limits");
        var above = (long)ProcessLimits.Rlimit(0, "nofile").Hard + 1;
        _host.Run(Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("nofile", 10, above)) }));
        (await _host.Until("one", p => p.State == ProgramState.Fatal)).Detail.ShouldBe(
            $"can't set limits.rlimits.nofile to 10:{above}: Operation not permitted (errno 1); the agent's own hard limit is {above - 1}, "
            + "and to go above it takes CAP_SYS_RESOURCE, and a number of at most fs.nr_open");
    }

    [Fact]
    public async Task A_file_that_grows_too_large_is_the_reason_of_the_end()
    {
        var script = $"exec head -c 5000 /dev/zero > {_host.Scratch}/file";
        _host.Run(Define(RunningHost.Sh(script), new Limits { Rlimits = Rlimits(("fsize", 1024, 1024)) }));
        var ended = await _host.Until("one", p => p.State == ProgramState.Exited);
        ended.Detail.ShouldBe("killed: wrote a file beyond its limit of size (limit 1kb); not expected");
        ended.ExitStatus.ShouldBe(-25);
        _host.Events.ShouldBe(["LimitBreached web:one killed: wrote a file beyond its limit of size (limit 1kb)"]);
    }

    [Theory]
    [InlineData(1)] // the hard limit is the soft one: SIGKILL
    [InlineData(5)] // SIGXCPU
    public async Task A_program_that_used_up_its_processor_time_is_told_from_a_killed_one(int hard)
    {
        _host.Run(Define(RunningHost.Sh("while :; do :; done"), new Limits { Rlimits = Rlimits(("cpu", 1, hard)) }));
        var ended = await _host.Until("one", p => p.State == ProgramState.Exited);
        ended.Detail.ShouldBe("killed: out of processor time (limit 1 s); not expected");
        ended.ExitStatus.ShouldBe(hard == 1 ? -9 : -24);
    }

    [Fact]
    public async Task A_kill_by_a_stranger_is_not_called_a_limit()
    {
        _host.Run(Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("cpu", 10, 10), ("fsize", 1024, 1024)) }));
        var running = await _host.UntilRunning("one");
        Lab.Kernel.Libc.Check(Lab.Kernel.Libc.Kill(running.Pid, Lab.Kernel.Libc.SigKill), "kill it");
        (await _host.Until("one", p => p.State == ProgramState.Exited)).Detail
            .ShouldBe("terminated by signal 9, which its supervisor did not send; not expected");
        _host.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edit_changes_the_running_program_and_what_is_taken_away_goes_back_to_the_agents_own()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "raising a limit and a priority again takes root");
        var own = await Shown(Environment.ProcessId);
        _host.Run(Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("nofile", 100, 200)), Nice = 5 }));
        var running = await _host.UntilRunning("one");
        (await Shown(running.Pid)).ShouldBe(own with { Files = "100 200", Nice = "5" });

        _host.Run(Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("nofile", 90, 150)), Nice = 10, OomScoreAdj = 400 }));
        await Eventually.Until("the edit is in force", Soon, async () =>
            await Shown(running.Pid) == own with { Files = "90 150", Nice = "10", OomScoreAdj = "400" });

        // A file limit that was lowered cannot be raised without CAP_SYS_RESOURCE, so it is left as it is.
        _host.Run(Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("nofile", 90, 150)) }));
        await Eventually.Until("the rest is taken away", Soon, async () => await Shown(running.Pid) == own with { Files = "90 150" });
        (await _host.UntilRunning("one")).Pid.ShouldBe(running.Pid);
        _host.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edit_that_the_kernel_refuses_is_told_and_the_program_runs_on()
    {
        Assert.SkipWhen(HasResourceCapability(), "this user may raise its limits");
        var above = (long)ProcessLimits.Rlimit(0, "nofile").Hard + 1;
        _host.Run(Define("/bin/sleep 1000", null));
        var running = await _host.UntilRunning("one");
        var edited = Define("/bin/sleep 1000", new Limits { Rlimits = Rlimits(("nofile", 10, above)) });
        _host.Run(edited);
        _host.Run(edited);
        var problem = "not limited: rlimits.nofile: cannot be set on the running program: Operation not permitted";
        var told = await _host.Until("one", p => p.Detail.Length > 0);
        (told.State, told.Pid, told.Detail).ShouldBe((ProgramState.Running, running.Pid, problem));
        _host.Events.ShouldBe([$"LimitsNotEnforced web:one {problem}"]);
    }

    [Fact]
    public async Task A_later_agent_sets_what_was_edited_meanwhile_and_leaves_alone_what_was_not()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "nice is lowered");
        var limits = new Limits { Rlimits = Rlimits(("nofile", 100, 200)), Nice = 5 };
        _host.Run(Define("/bin/sleep 1000", limits));
        var running = await _host.UntilRunning("one");
        await _host.AgentDies();
        // The program's own doing.
        ProcessLimits.SetNice(running.Pid, 7);
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        _host.Run(Define("/bin/sleep 1000", limits with { OomScoreAdj = 123 }));
        await Eventually.Until("the edit is in force", Soon, async () =>
            await Shown(running.Pid) is { OomScoreAdj: "123", Nice: "7", Files: "100 200" });
        (await _host.UntilRunning("one")).Pid.ShouldBe(running.Pid);
    }

    [Fact]
    public async Task Where_there_is_no_cgroup_the_program_starts_all_the_same_and_it_is_told_once_for_each_start()
    {
        var program = Define("/bin/sleep 1000", new Limits { Memory = 1 << 30, Pids = 5 });
        _host.Run(program);
        var running = await _host.UntilRunning("one");
        var why = "this host has no cgroup v2 that the agent can use (its log says why)";
        running.Detail.ShouldBe($"not limited: memory: {why}; pids: {why}");
        _host.Run(program);
        _host.Run(program with { RestartGeneration = 1 });
        await _host.Until("one", p => p.State == ProgramState.Running && p.Pid != running.Pid);
        var told = $"LimitsNotEnforced web:one {running.Detail}";
        _host.Events.ShouldBe([told, told]);
        _host.Log.Lines.Count(line => line == $"Warning: web:one: {running.Detail}").ShouldBe(2);
    }

    private static ConfiguredProgram Define(string command, Limits? limits) =>
        RunningHost.Define("one", command) with { Limits = limits, Restart = RestartPolicy.Never };

    private static ImmutableSortedDictionary<string, ResourceLimit> Rlimits(params (string Name, long? Soft, long? Hard)[] limits) =>
        limits.ToImmutableSortedDictionary(limit => limit.Name, limit => new ResourceLimit(limit.Soft, limit.Hard));

    private static async Task<Seen> Shown(int pid)
    {
        var stat = await File.ReadAllTextAsync($"/proc/{pid}/stat");
        var files = (await File.ReadAllLinesAsync($"/proc/{pid}/limits")).Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        return new(
            string.Join(' ', files.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5]),
            stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16],
            (await File.ReadAllTextAsync($"/proc/{pid}/oom_score_adj")).Trim());
    }

    private static bool HasResourceCapability()
    {
        var line = File.ReadAllLines("/proc/self/status").Single(line => line.StartsWith("CapEff", StringComparison.Ordinal));
        return (Convert.ToUInt64(line.Split('\t')[1], 16) & (1UL << 24)) != 0;
    }

    private sealed record Seen(string Files, string Nice, string OomScoreAdj);
}
