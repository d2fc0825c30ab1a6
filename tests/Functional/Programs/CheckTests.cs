using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Checks of real programs by real questions.</summary>
public sealed class CheckTests : IAsyncDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private readonly RunningHost _host = RunningHost.Create();
    private readonly Sleepers _sleepers = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_next_level_begins_when_the_check_passes_and_not_before()
    {
        var steps = new ConcurrentQueue<StepResult>();
        var ready = Path.Combine(_host.Scratch, "ready");
        _host.Run(
            [
                RunningHost.Define("db", _sleepers.Command) with
                {
                    Priority = 1,
                    Readiness = new(CheckKind.Exec, $"/usr/bin/test -e {ready}") { Interval = Often },
                },
                RunningHost.Define("web", _sleepers.Command) with { Priority = 2 },
            ],
            steps.Enqueue);
        var db = await _host.UntilRunning("db");
        db.Detail.ShouldBe("not ready yet");
        // The check has been asked and has answered no: its shim's last record says so.
        var check = new HaGrpc.Linux.Shims.ShimDirectory(Path.Combine(_host.DirectoryOf("db").Path, "readiness"));
        await Eventually.Until("the check was asked", TimeSpan.FromSeconds(60), () => check.ReadRecord("exit") is { ExitStatus: 1 });
        _host.History.ShouldNotContain(p => p.Name.Name == "web");
        steps.ShouldBeEmpty();
        await File.WriteAllTextAsync(ready, "");
        await _host.UntilRunning("web");
        steps.First().Error.ShouldBe("");
        (await _host.Until("db", p => p.Detail.Length == 0)).Pid.ShouldBe(db.Pid);
    }

    [Fact]
    public async Task Nothing_of_a_later_level_starts_before_a_oneshot_has_ended_well()
    {
        var repaired = Path.Combine(_host.Scratch, "repaired");
        var clean = RunningHost.Define("clean", $"/usr/bin/test -e {repaired}") with { Priority = 1, Oneshot = true };
        var web = RunningHost.Define("web", _sleepers.Command) with { Priority = 2 };
        _host.Run(clean, web);
        await _host.Until("clean", p => p.State == ProgramState.Fatal);
        (await _host.Until("web", p => p.Detail.Length > 0)).ShouldSatisfyAllConditions(
            p => p.State.ShouldBe(ProgramState.Stopped),
            p => p.Detail.ShouldBe("waits for web:clean, which has to run to its end first and failed"));
        _sleepers.Alive().ShouldBeEmpty();
        await File.WriteAllTextAsync(repaired, "");
        _host.Host.Configure([clean with { RestartGeneration = 1 }, web]);
        await _host.UntilRunning("web");
        (await _host.Until("clean", p => p.State == ProgramState.Exited)).ExitStatus.ShouldBe(0);
    }

    [Fact]
    public async Task Who_says_that_it_is_ready_is()
    {
        var go = Path.Combine(_host.Scratch, "go");
        _host.Run(RunningHost.Define("said", RunningHost.Sh(
            $"while ! test -e {go}; do sleep 0.02; done; python3 -c \"import os,socket; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); a=os.environ[\\\"NOTIFY_SOCKET\\\"]; s.sendto(b\\\"STATUS=up\\nREADY=1\\\", chr(0)+a[1:])\"; exec {_sleepers.Command}")) with
        {
            Readiness = new(CheckKind.Notify, ""),
        });
        (await _host.UntilRunning("said")).Detail.ShouldBe("not ready yet");
        await File.WriteAllTextAsync(go, "");
        await _host.Until("said", p => p.Detail.Length == 0);
    }

    [Fact]
    public async Task Who_is_not_ready_in_time_has_failed_to_start()
    {
        _host.Run(RunningHost.Define("late", _sleepers.Command) with
        {
            Readiness = new(CheckKind.Notify, ""),
            ReadyTimeout = TimeSpan.FromMilliseconds(200),
        });
        (await _host.Until("late", p => p.State == ProgramState.Fatal)).Detail.ShouldStartWith("not ready within 200ms: no READY=1 on @ha-notify-");
        _sleepers.Alive().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CheckKind.Tcp, "127.0.0.1:9", "Connection refused")]
    [InlineData(CheckKind.Http, "http://127.0.0.1:9/health", "Connection refused")]
    [InlineData(CheckKind.Grpc, "127.0.0.1:9", "Unavailable")]
    public async Task Who_answers_no_more_is_restarted_with_the_reason(CheckKind kind, string target, string reason)
    {
        var reasons = new ConcurrentQueue<string>();
        _host.Host.Happened = (what, program, message) => reasons.Enqueue($"{what} {program.Name}: {message}");
        _host.Run(RunningHost.Define("mute", _sleepers.Command) with
        {
            Liveness = new(kind, target) { Interval = Often, Fall = 2 },
            Restart = RestartPolicy.Never,
        });
        var first = await _host.UntilRunning("mute");
        await _host.Until("mute", p => p.State == ProgramState.Running && p.Pid != first.Pid);
        reasons.TryPeek(out var why).ShouldBeTrue();
        why!.ShouldStartWith("ProgramUnwell mute: liveness check failed 2 times: ");
        why!.ShouldContain(reason);
    }

    [Fact]
    public async Task An_edit_of_a_check_applies_to_the_running_program()
    {
        var program = RunningHost.Define("edited", _sleepers.Command);
        _host.Run(program);
        var first = await _host.UntilRunning("edited");
        var asked = Path.Combine(_host.Scratch, "asked");
        _host.Host.Configure([program with { Liveness = new(CheckKind.Exec, $"/bin/touch {asked}") { Interval = Often } }]);
        await Eventually.Until("the check is asked", TimeSpan.FromSeconds(60), () => File.Exists(asked));
        _host.Host.Configure([program]);
        _host.Host.Snapshot().Single().Pid.ShouldBe(first.Pid);
    }

    [Fact]
    public async Task What_a_command_that_fails_says_first_is_told()
    {
        _host.Run(RunningHost.Define("unwell", _sleepers.Command) with
        {
            Liveness = new(CheckKind.Exec, RunningHost.Sh("echo; echo no room left >&2; echo more; exit 3")) { Timeout = Until.Bound, Fall = 1, Interval = Often },
        });
        var first = await _host.UntilRunning("unwell");
        await _host.Until("unwell", p => p.Pid > 0 && p.Pid != first.Pid);
        _host.History.First(p => p.State == ProgramState.Exited).Detail.ShouldEndWith("exit code 3: no room left");
    }

    [Fact]
    public async Task A_command_has_none_of_the_programs_limits()
    {
        _host.Run(RunningHost.Define("limited", _sleepers.Command) with
        {
            Limits = new() { Rlimits = ImmutableSortedDictionary<string, ResourceLimit>.Empty.Add("nofile", new(77, 77)) },
            Readiness = new(CheckKind.Exec, RunningHost.Sh("test $(ulimit -n) != 77")) { Interval = Often },
        });
        await _host.Until("limited", p => p is { State: ProgramState.Running, Detail: "" });
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_ended_with_its_tree()
    {
        _host.Run(RunningHost.Define("slow", RunningHost.Sh("exec sleep 1000")) with
        {
            Liveness = new(CheckKind.Exec, RunningHost.Sh($"{_sleepers.Command} & wait")) { Timeout = TimeSpan.FromMilliseconds(100), Fall = 1, Interval = Often },
        });
        var first = await _host.UntilRunning("slow");
        await _host.Until("slow", p => p.Pid > 0 && p.Pid != first.Pid);
        _host.History.First(p => p.State == ProgramState.Exited).Detail.ShouldEndWith("did not end in time");
    }

    [Fact]
    public async Task What_a_check_leaves_behind_when_its_shim_is_killed_is_ended_and_the_next_is_asked()
    {
        var asked = Path.Combine(_host.Scratch, "asked");
        var hanging = new Sleepers();
        _host.Run(RunningHost.Define("web", _sleepers.Command) with
        {
            // The first hangs, away from its shim's tree as far as it can get; later ones do not.
            Liveness = new(CheckKind.Exec, RunningHost.Sh($"test -e {asked} && exit 0; touch {asked}; setsid {hanging.Command} & {hanging.Command}")) { Interval = Often, Timeout = TimeSpan.FromHours(1) },
        });
        var first = await _host.UntilRunning("web");
        await hanging.Are(2);
        var check = new HaGrpc.Linux.Shims.ShimDirectory(Path.Combine(_host.DirectoryOf("web").Path, "liveness"));
        Lab.Kernel.Libc.Check(Lab.Kernel.Libc.Kill(check.ReadShim().Pid, Lab.Kernel.Libc.SigKill), "kill the shim");
        await hanging.AreGone();
        await Eventually.Until("it is asked again", TimeSpan.FromSeconds(60), () => check.ReadRecord("exit") is { ExitStatus: 0 });
        (await _host.UntilRunning("web")).Pid.ShouldBe(first.Pid);
    }

    [Fact]
    public async Task A_check_whose_shim_does_nothing_any_more_is_late_all_the_same()
    {
        var asked = Path.Combine(_host.Scratch, "asked");
        var hanging = new Sleepers();
        _host.Run(RunningHost.Define("web", _sleepers.Command) with
        {
            Liveness = new(CheckKind.Exec, RunningHost.Sh($"test -e {asked} && exit 0; touch {asked}; exec {hanging.Command}")) { Interval = Often, Timeout = TimeSpan.FromSeconds(3) },
        });
        await _host.UntilRunning("web");
        await hanging.Are(1);
        var check = new HaGrpc.Linux.Shims.ShimDirectory(Path.Combine(_host.DirectoryOf("web").Path, "liveness"));
        Lab.Kernel.Libc.Check(Lab.Kernel.Libc.Kill(check.ReadShim().Pid, Lab.Kernel.Libc.SigStop), "stop the shim");
        await hanging.AreGone();
        await Eventually.Until("it is asked again", TimeSpan.FromSeconds(60), () => check.ReadRecord("exit") is { ExitStatus: 0 });
    }
}
