using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>VIPs that a script claims, with a real agent, real shims and a real interface.</summary>
public sealed class VipScriptTests : IDisposable
{
    private readonly HostOnWire _wire = new();
    private readonly RunningAgent _agent = new();
    private readonly Sleepers _hanging = new();
    private readonly Sleepers _programs = new();
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("ha-vip-");

    public void Dispose()
    {
        _agent.Dispose();
        foreach (var pid in _hanging.Alive().Concat(_programs.Alive()))
            _ = Libc.Kill(pid, Libc.SigKill);
        _wire.Dispose();
        _scratch.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_claimed_under_the_lease_before_the_programs_and_released_after_them()
    {
        Store(["a"], $"""
            echo "$@ $HAGRPC_GROUP $HAGRPC_EPOCH $HAGRPC_HOST $(pgrep -cxf '{_programs.Command}')" >> {Trace}
            [ "$1" != check ]
            """);
        _agent.StartIn(_wire.Host);
        await _agent.UntilSaid("VipClaimed web@1: ");
        await _agent.UntilSaid("OwnershipResumed web@1");
        _wire.Addresses().ShouldContain("192.0.2.50/32", "the address is on the interface as well");
        await _programs.Are(1);
        _agent.Signal(Libc.SigTerm);
        (await _agent.UntilExited()).ShouldBe(0);
        Lines().ShouldBe(["check 192.0.2.50 eth0 web 1 a 0", "claim 192.0.2.50 eth0 web 1 a 0", "release 192.0.2.50 eth0 web 1 a 0"]);
        _wire.Addresses().ShouldNotContain("192.0.2.50/32");
    }

    [Fact]
    public async Task A_claim_that_fails_is_told_with_its_output_and_tried_again_while_the_programs_run()
    {
        Store(["a"], $"""
            [ "$1" = claim ] || exit 1
            echo the cloud says no >&2
            echo x >> {Trace}
            [ "$(wc -l < {Trace})" -ge 3 ]
            """);
        _agent.StartIn(_wire.Host);
        await _agent.UntilSaid("VipClaimFailed web@1: ");
        await _programs.Are(1);
        await _agent.UntilSaid("VipClaimed web@1: ");
        Lines().Length.ShouldBe(3);
        _agent.Lines.Single(l => l.Contains("VipClaimFailed", StringComparison.Ordinal)).ShouldContain("; it wrote: the cloud says no");
    }

    /// <summary>After a restart of the agent it is checked, and not claimed again.</summary>
    [Fact]
    public async Task What_is_there_is_not_claimed_again()
    {
        Store(["a"], $"echo $1 >> {Trace}");
        _agent.StartIn(_wire.Host);
        await _agent.UntilSaid("OwnershipResumed web@1");
        Lines().ShouldBe(["check"]);
        _agent.Lines.ShouldNotContain(l => l.Contains("VipClaimed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_release_that_hangs_is_killed_with_the_lease()
    {
        Store(["a"], $"""
            [ "$1" = release ] || exit 0
            {_hanging.Command} & {_hanging.Command}
            """);
        _agent.StartIn(_wire.Host);
        await _agent.UntilSaid("OwnershipResumed web@1");
        _agent.Signal(Libc.SigTerm);
        await _hanging.Are(2);
        (await _agent.UntilExited()).ShouldBe(0);
        await _hanging.AreGone();
        _agent.Stored(RunningHost.Group).Ended.ShouldBe(1);
    }

    /// <summary>Its shim ends it, as it ends programs (rule W2).</summary>
    [Fact]
    public async Task A_claim_that_hangs_is_killed_at_the_end_of_the_lease_with_the_agent_dead()
    {
        var lease = await RunningAgent.LeaseAsync(TimeSpan.FromSeconds(6));
        Store(["a", "b"], $"[ \"$1\" = claim ] || exit 1; {_hanging.Command}", lease);
        var until = BootClock.Nanoseconds + (long)lease.TotalNanoseconds;
        _agent.StoreDeadline(RunningHost.Group, until);
        _agent.StartIn(_wire.Host);
        await _hanging.Are(1);
        _agent.Signal(Libc.SigKill);
        _ = await _agent.UntilExited();
        BootClock.Nanoseconds.ShouldBeLessThan(until, "the lease is not over yet");
        await _hanging.AreGone();
        BootClock.Nanoseconds.ShouldBeGreaterThanOrEqualTo(until);
    }

    private string Trace => Path.Combine(_scratch.FullName, "trace");

    private string[] Lines() => File.Exists(Trace) ? File.ReadAllLines(Trace) : [];

    private void Store(string[] members, string script, TimeSpan? lease = null)
    {
        var path = Executable.Write(Path.Combine(_scratch.FullName, "claim-vip"), $"#!/bin/sh\n{script}\n");
        var group = new Group(
            RunningHost.Group,
            [.. members.Select((host, i) => new Member(host, 100 - i))],
            [HostOnWire.Vip4 with { Script = path }],
            [],
            new GroupTiming(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)),
            new Failback(FailbackMode.Manual, TimeSpan.Zero));
        var view = lease is null ? new View(1, [], null) : new View(1, [.. members[1..]], lease);
        _agent.Store(group, view, RunningHost.Define("one", _programs.Command));
    }
}
