using HaGrpc.Core.Supervision;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>A cgroup costs the kernel memory as long as it exists: none stays that nothing is in and that no start is about to use.</summary>
public sealed class CgroupLeftoverTests : IAsyncDisposable
{
    private readonly RunningHost _host = RunningHost.Create(cgroups: true);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_agent_that_has_stopped_its_programs_leaves_no_folder()
    {
        var root = RootOrSkip();
        _host.Run(RunningHost.Define("one", "/bin/sleep 1000"));
        await _host.UntilRunning("one");
        Directory.Exists(Path.Combine(root, "web:one")).ShouldBeTrue("or it is no test");
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true);
        Directory.GetDirectories(root).ShouldBeEmpty();
        await _host.AgentDies();
        Directory.Exists(root).ShouldBeFalse();
        // The next one makes it again.
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        _host.Run(RunningHost.Define("one", "/bin/sleep 1000") with { RestartGeneration = 1 });
        await _host.UntilRunning("one");
        Directory.GetDirectories(root).ShouldBe([Path.Combine(root, "web:one")]);
    }

    [Fact]
    public async Task What_runs_keeps_its_cgroup_when_the_agent_goes()
    {
        var root = RootOrSkip();
        _host.Run(RunningHost.Define("one", "/bin/sleep 1000"));
        await _host.UntilRunning("one");
        await _host.AgentDies();
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        await _host.UntilRunning("one");
        Directory.GetDirectories(root).ShouldBe([Path.Combine(root, "web:one")]);
    }

    [Fact]
    public async Task A_program_that_ended_while_no_agent_ran_has_left_none_when_one_is_back()
    {
        var root = RootOrSkip();
        _host.Run(RunningHost.Define("one", "/bin/sleep 1000") with { Restart = Core.Model.RestartPolicy.Never });
        var running = await _host.UntilRunning("one");
        await _host.AgentDies();
        Libc.Check(Libc.Kill(running.Pid, Libc.SigKill), "kill it");
        await _host.ShimEnds("one");
        // Of an agent that was killed between making it and using it, or of a program that nobody knows any more.
        Directory.CreateDirectory(Path.Combine(root, "web:former"));
        _host.AgentComesBack();
        await _host.Host.AdoptAsync();
        await _host.Until("one", p => p.State is ProgramState.Exited or ProgramState.Backoff);
        Directory.GetDirectories(root).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_start_that_cannot_be_leaves_none()
    {
        var root = RootOrSkip();
        _host.Run(RunningHost.Define("one", "no-such-command-anywhere") with { StartRetries = 0 });
        await _host.Until("one", p => p.State == ProgramState.Fatal);
        Directory.GetDirectories(root).ShouldBeEmpty();
    }

    private string RootOrSkip()
    {
        var root = _host.Cgroups(out var reason);
        Assert.SkipWhen(root is null, reason);
        return root!.Path;
    }
}
