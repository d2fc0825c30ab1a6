using System.Runtime.InteropServices;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Lab.World;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Limits of all processes of a program together: what the agent writes for the kernel, and what it makes of the kernel's counters.</summary>
public sealed partial class CgroupLimitTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly string[] Files =
        ["memory.max", "memory.swap.max", "memory.oom.group", "memory.events", "cpu.max", "pids.max", "pids.events"];

    private readonly ImitatedCgroups _cgroups = new();
    private RunningHost? _running;

    private RunningHost Host => _running ??= RunningHost.Create(imitation: _cgroups);

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
        _cgroups.Dispose();
    }

    [Fact]
    public async Task The_limits_are_written_before_the_program_joins_and_an_edit_is_written_while_it_runs()
    {
        _cgroups.Add("one", Files);
        // The program sees that its limit stands when it begins.
        var seen = Path.Combine(Host.Scratch, "seen");
        var command = RunningHost.Sh($"cat {_cgroups.PathOf("one", "memory.max")} > {seen}; exec sleep 1000");
        var program = Define(command, new Limits { Memory = 512 << 20, MemorySwap = 0, CpuMillis = 1500, Pids = 20 });
        Host.Run(program);
        var running = await Host.UntilRunning("one");
        running.Detail.ShouldBe("");
        Written().ShouldBe(["536870912", "0", "1", "150000 100000", "20"]);
        File.ReadAllText(Path.Combine(_cgroups.Parent, "cgroup.subtree_control")).ShouldContain("+", customMessage: "switched on above");
        await Eventually.Until("the program has looked", Soon, () => File.Exists(seen) && File.ReadAllText(seen) == "536870912");

        Host.Run(program with { Limits = new() { Memory = 256 << 20, Pids = 10 } });
        await Eventually.Until("the edit is written", Soon, () => Written().SequenceEqual(["268435456", "max", "1", "max 100000", "10"]));
        (await Host.UntilRunning("one")).Pid.ShouldBe(running.Pid);

        // The next instance finds the folder of this one, for nobody can remove it here.
        Host.Run(program with { Limits = null, RestartGeneration = 1 });
        await Host.Until("one", p => p.State == ProgramState.Running && p.Pid != running.Pid);
        Written().ShouldBe(["max", "max", "1", "max 100000", "max"]);
        Host.Events.ShouldBeEmpty();

        string[] Written() =>
            [.. Files.Where(file => !file.EndsWith("events", StringComparison.Ordinal)).Select(file => _cgroups["one", file].Trim())];
    }

    [Theory]
    [InlineData("memory.events", "oom 1\noom_kill 3", "kill -9 $$", "killed: out of memory (limit 512mb)")]
    [InlineData("memory.events", "oom 0\noom_kill 1", "kill -9 $$", "killed: the host was out of memory")]
    [InlineData("memory.events", "oom 1\noom_kill 1", "exit 7", "exit status 7, after a process of it was killed: out of memory (limit 512mb)")]
    [InlineData("pids.events", "max 4", "exit 7", "exit status 7, after it was refused a process or thread: too many (limit 20)")]
    [InlineData("pids.events", "max 0", "exit 7", "exit status 7")]
    public async Task What_the_kernel_has_counted_is_the_reason_of_the_end(string file, string counted, string end, string reason)
    {
        _cgroups.Add("one", Files);
        var script = $"printf \"{counted.Replace("\n", "\\n", StringComparison.Ordinal)}\\n\" > {_cgroups.PathOf("one", file)}; {end}";
        Host.Run(Define(RunningHost.Sh(script), new Limits { Memory = 512 << 20, Pids = 20 }));
        var ended = await Host.Until("one", p => p.State == ProgramState.Exited);
        ended.Detail.ShouldBe($"{reason}; not expected");
        // One that takes long to end has also reached a limit before.
        Host.Events.Where(told => !told.StartsWith("LimitReached", StringComparison.Ordinal))
            .ShouldBe(reason == "exit status 7" ? [] : [$"LimitBreached web:one {reason}"]);
        // An instance that begins with these counts has not caused them.
        Host.Run(Define("/bin/false", new Limits { Memory = 512 << 20, Pids = 20 }) with { RestartGeneration = 1 });
        (await Host.Until("one", p => p.State == ProgramState.Exited && p.ExitStatus == 1)).Detail.ShouldBe("exit status 1; not expected");
    }

    [Fact]
    public async Task A_limit_that_holds_a_program_back_is_in_its_status_and_once_in_the_history_also_when_the_agent_is_another_one()
    {
        _cgroups.Add("one", [.. Files, "cpu.stat"]);
        var program = Define("/bin/sleep 1000", new Limits { Pids = 20, CpuMillis = 250 });
        Host.Run(program);
        (await Host.UntilRunning("one")).Detail.ShouldBe("");
        Count("pids.events", "max 314");
        await Host.Until("one", p => p.Detail == "pids limit 20 reached 314 times");
        Host.Events.ShouldBe(["LimitReached web:one pids limit 20 reached 314 times"]);

        await Host.AgentDies();
        Count("pids.events", "max 315");
        Host.AgentComesBack();
        await Host.Host.AdoptAsync();
        Host.Run(program);
        await Host.Until("one", p => p.Detail == "pids limit 20 reached 315 times");
        Host.Events.Count.ShouldBe(1);

        // Under another limit it begins afresh.
        Host.Run(program with { Limits = new() { Pids = 40 } });
        await Host.Until("one", p => p.Detail == "");
        Count("pids.events", "max 316");
        var held = await Host.Until("one", p => p.Detail == "pids limit 40 reached once");
        Host.Events.Last().ShouldBe("LimitReached web:one pids limit 40 reached once");

        // And so it does with another start.
        Host.Run(program with { RestartGeneration = 1 });
        (await Host.Until("one", p => p.State == ProgramState.Running && p.Pid != held.Pid)).Detail.ShouldBe("");
        Host.Events.Count(told => told.StartsWith("LimitReached", StringComparison.Ordinal)).ShouldBe(2);

    }

    [Fact]
    public async Task What_waits_for_memory_at_its_limit_says_so_for_as_long_as_it_does()
    {
        _cgroups.Add("one", Files);
        Host.Run(Define("/bin/sleep 1000", new Limits { Memory = 50 << 20 }));
        (await Host.UntilRunning("one")).Detail.ShouldBe("");
        // As Linux 6.1 wrote it of a program that does not fit.
        Count("memory.pressure", "some avg10=20.18 avg60=7.50 avg300=1.88 total=6222649\nfull avg10=20.17 avg60=7.49 avg300=1.87 total=6222648");
        Count("memory.events", "low 0\nhigh 0\nmax 7268\noom 0\noom_kill 0\noom_group_kill 0");
        await Host.Until("one", p => p.Detail == "waiting for memory at its limit 50mb");
        await Host.Until("one", p => p.Detail == "", "it comes up to its limit no more");
        Host.Events.ShouldBe(["LimitReached web:one waiting for memory at its limit 50mb"]);
    }

    [Fact]
    public async Task A_controller_that_is_missing_is_named_and_the_others_are_used()
    {
        using var poor = new ImitatedCgroups("cpuset memory");
        poor.Add("one", "memory.max", "memory.oom.group");
        _running = RunningHost.Create(imitation: poor);
        Host.Run(Define("/bin/sleep 1000", new Limits { Memory = 512 << 20, Pids = 20 }));
        (await Host.UntilRunning("one")).Detail.ShouldBe(
            $"not limited: pids: the pids controller of cgroup v2 is not available in {poor.Parent} (cgroup.controllers)");
        poor["one", "memory.max"].ShouldBe("536870912");
        await Host.DisposeAsync();
        _running = null;
    }

    [Fact]
    public void A_real_hierarchy_is_asked_what_it_has()
    {
        var root = CgroupRoot.TryOpen("ha-test-controllers", out var reason)!;
        Assert.SkipWhen(root is null, reason);
        try
        {
            root.Enable("no-such-controller").ShouldContain("is not available in");
            foreach (var controller in (string[])["cpu", "memory", "pids"])
            {
                var problem = root.Enable(controller);
                var file = $"{controller}.max";
                var cgroup = root.Create("one");
                // Whatever the answer is, it is true: the file is there, or it is not.
                File.Exists(Path.Combine(cgroup.Path, file)).ShouldBe(problem.Length == 0, problem);
                (cgroup.Set(file, "max").Length == 0).ShouldBe(problem.Length == 0, problem);
                cgroup.Remove();
            }
        }
        finally
        {
            root.Remove();
        }
    }

    [Fact]
    public void The_folder_lies_beside_the_agents_own_cgroup_where_the_one_above_was_delegated()
    {
        var probe = CgroupRoot.TryOpen("ha-test-delegation", out var reason)!;
        Assert.SkipWhen(probe is null, reason);
        probe.Remove();
        var mount = Path.GetDirectoryName(probe.Path)!;
        var service = Directory.CreateDirectory(Path.Combine(mount, "ha-test-service")).FullName;
        Directory.CreateDirectory(Path.Combine(service, "agent"));
        CgroupRoot? root = null;
        try
        {
            root = CgroupRoot.TryOpen(mount, "ha-test-service/agent", "programs", out _)!;
            root.Path.ShouldBe($"{service}/agent/programs");
            root.Remove();
            Assert.SkipUnless(SetAttribute(service, "user.delegate", "1"u8.ToArray(), 1, 0) == 0, "no attributes on cgroups");
            root = CgroupRoot.TryOpen(mount, "ha-test-service/agent", "programs", out _)!;
            root.Path.ShouldBe($"{service}/programs");
        }
        finally
        {
            root?.Remove();
            _ = CgroupRoot.RemoveDirectory(Path.Combine(service, "agent"));
            _ = CgroupRoot.RemoveDirectory(service);
        }
    }

    // Renamed into its place: it is read at any time.
    private void Count(string file, string counted)
    {
        var path = _cgroups.PathOf("one", file);
        File.WriteAllText($"{path}.new", $"{counted}\n");
        File.Move($"{path}.new", path, overwrite: true);
    }

    private static ConfiguredProgram Define(string command, Limits? limits) =>
        RunningHost.Define("one", command) with { Limits = limits, Restart = RestartPolicy.Never };

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, byte[] value, nuint size, int flags);
}
