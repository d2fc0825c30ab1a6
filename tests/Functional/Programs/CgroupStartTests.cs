using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>
/// Newer kernels kill a child that is forked straight into a cgroup when that was killed through cgroup.kill more or fewer times than its
/// parent's. Nobody is to notice: the program starts once, and in its cgroup.
/// </summary>
public sealed class CgroupStartTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly List<Cgroup> _made = [];
    private RunningHost? _running;

    private RunningHost Host => _running ??= RunningHost.Create(cgroups: true);

    public async ValueTask DisposeAsync()
    {
        if (_running is { } host)
            await host.Host.DeactivateAsync(RunningHost.Group, graceful: false);
        foreach (var cgroup in _made)
        {
            _ = cgroup.Kill();
            await Eventually.Until("nobody is in the cgroup", Soon, () => Cgroup.TryRemove(cgroup.Path, out _));
        }
        if (_running is not null)
            await _running.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beside_what_an_instance_before_has_left_of_its_cgroup(bool isPopulated)
    {
        var left = RootOrSkip().Create("web:one");
        left.Set("cgroup.kill", "1").ShouldBe("");
        if (isPopulated)
            await Populate(left);
        await StartsOnce(isPopulated ? $"{left.Path}:2" : left.Path);
    }

    [Fact]
    public async Task In_place_of_a_cgroup_with_cgroups_in_it()
    {
        var left = RootOrSkip().Create("web:one");
        Directory.CreateDirectory(Path.Combine(left.Path, "of-the-program", "below"));
        left.Set("cgroup.kill", "1").ShouldBe("");
        await StartsOnce(left.Path);
        Directory.GetDirectories(left.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_the_shims_own_was_killed()
    {
        var root = CgroupRoot.TryOpen($"ha-test-killed-{Environment.ProcessId}", out var reason);
        Assert.SkipWhen(root is null, reason);
        var own = new Cgroup(root!.Path);
        _made.Add(own);
        own.Set("cgroup.kill", "1").ShouldBe("");
        using var scratch = new TemporaryScript($"echo 0 > {own.Processes}; exec {RunningHost.Shim} \"$@\"");
        _running = RunningHost.Create(cgroups: true, shim: scratch.Path);
        await StartsOnce(Path.Combine(RootOrSkip().Path, "web:one"));
        CgroupOf(Host.RecordOf("one").Shim.Pid).ShouldBe(own.Path, "or it is no test");
    }

    private CgroupRoot RootOrSkip()
    {
        var root = Host.Cgroups(out var reason);
        Assert.SkipWhen(root is null, reason);
        return root!;
    }

    private async Task Populate(Cgroup cgroup)
    {
        _made.Add(cgroup);
        await Command.Run("/bin/sh", "-c", $"echo 0 > {cgroup.Processes}; sleep 1000 >/dev/null 2>&1 &");
    }

    private async Task StartsOnce(string cgroup)
    {
        var log = Path.Combine(Host.Scratch, "log");
        Host.Run(RunningHost.Define("one", RunningHost.Sh("echo begun; exec sleep 1000")) with { StdoutLogfile = log, StartRetries = 3 });
        var running = await Host.UntilRunning("one");
        await Eventually.Until("its output is written", Soon, () => File.Exists(log) && new FileInfo(log).Length > 0);
        CgroupOf(running.Pid).ShouldBe(cgroup);
        Host.History.Select(seen => seen.State).Distinct().ShouldBe([ProgramState.Starting, ProgramState.Running]);
        Host.History.Select(seen => seen.Pid).Where(pid => pid > 0).Distinct().ShouldBe([running.Pid]);
        (await File.ReadAllTextAsync(log)).ShouldBe("begun\n");
    }

    private static string CgroupOf(int pid)
    {
        var line = File.ReadAllLines($"/proc/{pid}/cgroup").Single(line => line.StartsWith("0::/", StringComparison.Ordinal));
        var mount = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
        return Path.Combine(mount, line[4..]);
    }

    private sealed class TemporaryScript : IDisposable
    {
        public TemporaryScript(string script) => Executable.Write(Path, $"#!/bin/sh\n{script}\n");

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
