using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>
/// Limits of all processes of a program together where the kernel itself enforces them. Skipped where it has the controllers in the older
/// hierarchy; <c>scripts/vm.sh</c> runs a kernel that has them (CONTRIBUTING.md).
/// </summary>
public sealed class KernelLimitTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly RunningHost _host = RunningHost.Create(cgroups: true);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("exec tail /dev/zero")]
    [InlineData("tail /dev/zero; sleep 1000")] // Not the main process is over it, but the whole tree ends.
    public async Task What_takes_more_memory_than_it_may_is_told_to_be_out_of_memory(string script)
    {
        SkipWithout("memory");
        _host.Run(Define(RunningHost.Sh(script), new Limits { Memory = 50 << 20, MemorySwap = 0 }));
        var ended = await _host.Until("one", p => p.State == ProgramState.Exited);
        ended.Detail.ShouldBe("killed: out of memory (limit 50mb); not expected");
        ended.ExitStatus.ShouldBe(-9);
        _host.Events.ShouldBe(["LimitBreached web:one killed: out of memory (limit 50mb)"]);
    }

    [Fact]
    public async Task A_kill_is_no_want_of_memory_because_there_is_a_limit()
    {
        SkipWithout("memory");
        _host.Run(Define(RunningHost.Sh("kill -9 $$"), new Limits { Memory = 50 << 20 }));
        (await _host.Until("one", p => p.State == ProgramState.Exited)).Detail
            .ShouldBe("terminated by signal 9, which its supervisor did not send; not expected");
        _host.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_wants_more_processes_than_it_may_have_is_told_so()
    {
        SkipWithout("pids");
        var script = "i=0; while [ $i -lt 40 ]; do sleep 1000 & i=$((i+1)); done; wait";
        _host.Run(Define(RunningHost.Sh(script), new Limits { Pids = 20 }));
        var ended = await _host.Until("one", p => p.State == ProgramState.Exited);
        ended.Detail.ShouldEndWith(", after it was refused a process or thread: too many (limit 20); not expected");
        _host.Events.Last().ShouldStartWith("LimitBreached web:one exit status ");
    }

    [Fact]
    public async Task What_computes_without_end_gets_its_share_and_another_one_while_it_runs()
    {
        SkipWithout("cpu");
        var program = Define(RunningHost.Sh("(while :; do :; done) & while :; do :; done"), new Limits { CpuMillis = 200 });
        _host.Run(program);
        var running = await _host.UntilRunning("one");
        await UsesAtMost(200);
        _host.Run(program with { Limits = new() { CpuMillis = 400 } });
        await Eventually.Until("the edit is in force", Soon, () => Read("cpu.max") == "40000 100000");
        await UsesAtMost(400);
        _host.Run(program with { Limits = null });
        await Eventually.Until("the limit is taken away", Soon, () => Read("cpu.max") == "max 100000");
        (await _host.UntilRunning("one")).Pid.ShouldBe(running.Pid);
    }

    [Fact]
    public async Task What_goes_on_at_its_limit_of_processor_time_says_so_until_the_limit_is_taken_away()
    {
        SkipWithout("cpu");
        var program = Define(RunningHost.Sh("while :; do :; done"), new Limits { CpuMillis = 50 });
        _host.Run(program);
        await _host.Until("one", p => p is { State: ProgramState.Running, Detail: "held back at its cpu limit 5%" });
        _host.Run(program with { Limits = null });
        await _host.Until("one", p => p is { State: ProgramState.Running, Detail: "" });
        _host.Events.ShouldBe(["LimitReached web:one held back at its cpu limit 5%"]);
    }

    [Fact]
    public async Task What_forks_without_end_and_goes_on_says_how_often_it_was_refused()
    {
        SkipWithout("pids");
        // bash goes on where dash ends.
        _host.Run(Define("/bin/bash -c 'while :; do (sleep 3 &) 2>/dev/null; sleep 0.05 2>/dev/null; done'", new Limits { Pids = 10 }));
        var held = await _host.Until("one", p => p is { State: ProgramState.Running, Detail.Length: > 0 });
        held.Detail.ShouldMatch("^pids limit 10 reached (once|[0-9]+ times)$");
        _host.Events.Single().ShouldStartWith("LimitReached web:one pids limit 10 reached ");
    }

    [Fact]
    public async Task A_limit_of_memory_can_be_lowered_until_the_kernel_kills()
    {
        SkipWithout("memory");
        // dash keeps what it has read.
        var program = Define(RunningHost.Sh("x=$(head -c 30000000 /dev/zero | tr \"\\0\" x); sleep 1000"), new Limits { Memory = 400 << 20, MemorySwap = 0 });
        _host.Run(program);
        var running = await _host.UntilRunning("one");
        await Eventually.Until("it has its memory", Soon, () => int.Parse(Read("memory.current"), CultureInfo.InvariantCulture) > 30_000_000);
        _host.Run(program with { Limits = new() { Memory = 300 << 20, MemorySwap = 0 } });
        await Eventually.Until("the edit is in force", Soon, () => Read("memory.max") == $"{300 << 20}");
        (await _host.UntilRunning("one")).Pid.ShouldBe(running.Pid);
        _host.Run(program with { Limits = new() { Memory = 10 << 20, MemorySwap = 0 } });
        (await _host.Until("one", p => p.State == ProgramState.Exited)).Detail.ShouldBe("killed: out of memory (limit 10mb); not expected");
    }

    [Theory]
    [InlineData("cpu")] // The kernel would take these two there, and let nobody into the cgroups below any more.
    [InlineData("pids")]
    [InlineData("memory")]
    public async Task A_cgroup_that_somebody_is_in_passes_no_controller_on_and_programs_start_all_the_same(string controller)
    {
        SkipWithout(controller);
        var mount = Path.GetDirectoryName(Root().Path)!;
        var service = new Cgroup(Path.Combine(mount, $"ha-test-service-{controller}"));
        Directory.CreateDirectory(service.Path);
        CgroupRoot? below = null;
        try
        {
            // As systemd before 254 does, which does not know DelegateSubgroup=: the agent is in the cgroup that was delegated.
            await Command.Run("/bin/sh", "-c", $"echo 0 > {service.Processes}; sleep 1000 >/dev/null 2>&1 &");
            below = CgroupRoot.TryOpen(mount, Path.GetFileName(service.Path), "programs", out _)!;
            below.Enable(controller).ShouldContain("processes are in it");
            var program = below.Create("web:one");
            await Command.Run("/bin/sh", "-c", $"echo 0 > {program.Processes}");
            program.Remove();
        }
        finally
        {
            _ = service.Kill();
            await Eventually.Until("nobody is in it", Soon, () => Cgroup.TryRemove(service.Path, out _));
        }
    }

    private static ConfiguredProgram Define(string command, Limits? limits) =>
        RunningHost.Define("one", command) with { Limits = limits, Restart = RestartPolicy.Never };

    /// <summary>However busy the machine is: what it uses more takes its time at the limit, but for what is left of two periods of 100 ms.</summary>
    private async Task UsesAtMost(int millis)
    {
        var (begun, used) = (BootClock.Nanoseconds, Used());
        var more = 5L * millis * 1000;
        await Eventually.Until($"it has used {more} us", Soon, () => Used() - used >= more);
        var now = Used();
        var most = ((BootClock.Nanoseconds - begun) / 1000 * millis / 1000) + (2L * millis * 100);
        (now - used).ShouldBeLessThanOrEqualTo(most);

        long Used() => long.Parse(Read("cpu.stat").Split('\n')[0].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(Root().Path, "web:one", file)).Trim();

    private CgroupRoot Root()
    {
        var root = _host.Cgroups(out var reason);
        Assert.SkipWhen(root is null, reason);
        return root!;
    }

    private void SkipWithout(string controller) => Assert.SkipUnless(Root().Enable(controller) is { Length: 0 }, $"no {controller} in cgroup v2");
}
