using System.Diagnostics;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>A process that somebody else has started is taken over as it runs, and is from then on as one that a shim has started.</summary>
public sealed class TakeoverTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private readonly List<Process> _started = [];
    private readonly RunningHost _host = RunningHost.Create();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        foreach (var process in _started)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    // Leads a process group, as children of supervisord do; one of its children has left that.
    private string Tree => RunningHost.Sh($"setsid {_sleepers.Command} & {_sleepers.Command} & {_sleepers.Command}");

    [Fact]
    public async Task It_keeps_its_pid_and_is_started_as_a_child_when_it_ends()
    {
        var process = await StartAsync(3);
        _host.Run(Program(process) with { Restart = RestartPolicy.Unexpected, StartTime = TimeSpan.FromSeconds(1) });
        var adopted = await _host.UntilRunning("one");
        (adopted.Pid, adopted.Detail).ShouldBe((process.Id, "taken over as it ran"));
        _host.Events.ShouldContain($"ProgramAdopted web:one pid {process.Id} was taken over as it ran");
        _sleepers.Alive().Length.ShouldBe(3, "nothing was started beside it");

        Libc.Check(Libc.Kill(process.Id, Libc.SigKill), "kill");
        var again = await _host.Until("one", p => p.State == ProgramState.Running && p.Pid != process.Id);
        var exited = _host.History.Single(p => p.State == ProgramState.Exited);
        // Where the kernel tells others than the parent, the end is known after all.
        exited.Detail.ShouldBeOneOf("ended with a status that only its former supervisor knows", "terminated by signal 9, which its supervisor did not send; not expected");
        await _sleepers.Are(3);
        (await ParentOfAsync(again.Pid)).ShouldBe("ha-shim");
    }

    [Fact]
    public async Task A_stop_ends_its_whole_tree()
    {
        var process = await StartAsync(3);
        var program = Program(process);
        _host.Run(program);
        _ = await _host.UntilRunning("one");
        _host.Host.Configure([program with { DesiredState = DesiredState.Stopped }]);
        _ = await _host.Until("one", p => p.State == ProgramState.Stopped);
        await _sleepers.AreGone();
    }

    [Fact]
    public async Task Agents_come_and_go_and_it_stays()
    {
        var process = await StartAsync(3);
        var program = Program(process);
        _host.Run(program);
        _ = await _host.UntilRunning("one");
        for (var restart = 0; restart < 2; restart++)
        {
            await _host.AgentDies();
            _host.AgentComesBack();
            (await _host.Host.AdoptAsync()).Groups.Single().Live.ShouldBe([program.Name]);
            _host.Run(program);
            (await _host.UntilRunning("one")).Pid.ShouldBe(process.Id);
        }
        _sleepers.Alive().Length.ShouldBe(3);
    }

    [Fact]
    public async Task The_end_of_the_lease_ends_it()
    {
        var process = await StartAsync(3);
        _host.Run(Program(process));
        _ = await _host.UntilRunning("one");
        await _host.AgentDies();
        _host.Deadline.Until = BootClock.Nanoseconds + 300_000_000;
        // As the agent would have told it: the deadline has moved back.
        _host.AgentComesBack();
        _ = await _host.Host.AdoptAsync();
        _host.Host.DeadlineChanged(RunningHost.Group);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.AfterOrders(told.SetResult);
        await told.Task.WaitAsync(Until.Bound, TestContext.Current.CancellationToken);
        await _host.AgentDies();
        await _sleepers.AreGone();
        process.WaitForExit(Until.Bound).ShouldBeTrue();
    }

    [Fact]
    public async Task It_ends_with_its_shim_and_is_started_again()
    {
        var process = await StartAsync(3);
        _host.Run(Program(process) with { Restart = RestartPolicy.Always });
        _ = await _host.UntilRunning("one");
        Libc.Check(Libc.Kill(_host.RecordOf("one").Shim.Pid, Libc.SigKill), "kill");
        _ = await _host.Until("one", p => p.State == ProgramState.Running && p.Pid != process.Id);
        process.WaitForExit(Until.Bound).ShouldBeTrue();
        await _sleepers.Are(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_over_or_of_another_boot_is_started(bool isOver)
    {
        var process = await StartAsync(3);
        var program = Program(process);
        if (isOver)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        else
        {
            program = program with { Handed = [program.Handed[0] with { Boot = Guid.NewGuid() }] };
        }
        _host.Run(program with { Command = $"/bin/{_sleepers.Command}" });
        var started = await _host.UntilRunning("one");
        started.Pid.ShouldNotBe(process.Id);
        (await ParentOfAsync(started.Pid)).ShouldBe("ha-shim");
        _host.Events.ShouldBeEmpty();
    }

    /// <summary>With the end of whoever reads its output it would get SIGPIPE with the next line.</summary>
    [Fact]
    public async Task Its_output_is_read_when_its_former_supervisor_does_so_no_more()
    {
        var log = Path.Combine(_host.Scratch, "log");
        var go = Path.Combine(_host.Scratch, "go");
        var script = $"while [ ! -e {go} ]; do sleep 0.05; done; echo said; echo so >&2; exec {_sleepers.Command}";
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _started.Add(process);
        _host.Run(Program(process) with { StdoutLogfile = log, StderrLogfile = $"{log}.err" });
        _ = await _host.UntilRunning("one");
        process.StandardOutput.Close();
        process.StandardError.Close();
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await _sleepers.Are(1);
        await Eventually.Until("its output is in the log", TimeSpan.FromSeconds(60), () => File.ReadAllText(log) == "said\n" && File.ReadAllText($"{log}.err") == "so\n");
        (await _host.UntilRunning("one")).Pid.ShouldBe(process.Id);
    }

    private async Task<Process> StartAsync(int processes)
    {
        // As a session of its own, by exec: the pid is the leader's.
        var start = new ProcessStartInfo("python3", ["-c", "import os,sys; os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])", "sh", "-c", $"setsid {_sleepers.Command} & {_sleepers.Command} & {_sleepers.Command}; :"]);
        var process = Process.Start(start)!;
        _started.Add(process);
        await _sleepers.Are(processes);
        return process;
    }

    private Core.Model.Program Program(Process process)
    {
        ProcessStatus.TryRead(process.Id, out var status).ShouldBeTrue();
        return RunningHost.Define("one", Tree) with
        {
            Handed = [new HandedProcess(Environment.MachineName, RunningHost.Boot, process.Id, status.StartTime)],
        };
    }

    private static Task<string> ParentOfAsync(int pid)
    {
        ProcessStatus.TryRead(pid, out var status).ShouldBeTrue();
        return Task.FromResult(File.ReadAllText($"/proc/{status.ParentPid}/comm").Trim());
    }
}
