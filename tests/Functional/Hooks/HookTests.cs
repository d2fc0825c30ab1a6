using System.Globalization;
using System.Text.Json.Nodes;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Hooks;

/// <summary>Hooks of a real agent, run by a real shim: what they are told, what becomes of those that hang, and what waits for them.</summary>
public sealed class HookTests : IDisposable
{
    private const string Group = RunningHost.Group;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly View NoLease = new(1, [], null);

    private readonly RunningAgent _agent = new();
    private readonly Sleepers _programs = new();
    private readonly Sleepers _hanging = new();
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("ha-hooks-");
    private TimeSpan _lease = TimeSpan.FromSeconds(5);

    public void Dispose()
    {
        _agent.Dispose();
        foreach (var pid in _programs.Alive().Concat(_hanging.Alive()))
            _ = Libc.Kill(pid, Libc.SigKill);
        _scratch.Delete(recursive: true);
    }

    [Fact]
    public async Task A_hook_is_told_what_happened_in_its_environment_and_on_its_input()
    {
        Store(["a"], Script("tell", HookEvent.Promote, HookPhase.After, $"env | grep ^HAGRPC_ | sort > {File("env")}; cat > {File("json")}; echo done; echo twice >&2"));
        _agent.Start();
        await _agent.UntilSaid("HookSucceeded web@1: hook tell (after promote): exit code 0, after ");
        Said("HookSucceeded").ShouldEndWith(" s; it wrote: done | twice");
        Lines("env").ShouldBe(
        [
            "HAGRPC_EPOCH=1", "HAGRPC_EVENT=promote", "HAGRPC_GROUP=web", "HAGRPC_HOOK=tell", "HAGRPC_HOST=a", "HAGRPC_PHASE=after",
            "HAGRPC_PRIORITY=100", "HAGRPC_REASON=the agent was restarted", "HAGRPC_ROLE=owner",
        ]);
        var json = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File("json")))!.AsObject();
        json.Select(f => $"HAGRPC_{f.Key.ToUpperInvariant()}={f.Value}").Order(StringComparer.Ordinal).ShouldBe(Lines("env"));
    }

    [Fact]
    public async Task Hooks_run_one_after_the_other_around_the_programs_start_and_a_failed_one_stops_none()
    {
        Store(
            ["a"],
            Script("last", HookEvent.Promote, HookPhase.After, $"echo last >> {File("trace")}"),
            Script("first", HookEvent.Promote, HookPhase.Before, $"pgrep -xf '{_programs.Command}' >> {File("trace")}; echo first >> {File("trace")}; exit 3"),
            Script("second", HookEvent.Promote, HookPhase.Before, $"echo second >> {File("trace")}"));
        _agent.Start();
        await _agent.UntilSaid("hook last (after promote): exit code 0");
        Lines("trace").ShouldBe(["first", "second", "last"]);
        Said("HookFailed").ShouldContain("hook first (before promote): exit code 3, after ");
        _programs.Alive().Length.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_hangs_before_a_promotion_is_killed_with_its_tree_at_its_timeout_and_the_programs_start()
    {
        Store(["a"], Script("hang", HookEvent.Promote, HookPhase.Before, $"echo stuck; {_hanging.Command} & {_hanging.Command}", timeout: 4));
        _agent.Start();
        await _hanging.Are(2);
        _programs.Alive().ShouldBeEmpty("it is waited for");
        await _programs.Are(1);
        await _hanging.AreGone();
        await _agent.UntilSaid("HookTimedOut web@1: hook hang (before promote): killed at its timeout of 4s, after ");
        Said("HookTimedOut").ShouldEndWith("; it wrote: stuck");
    }

    [Fact]
    public async Task What_a_hook_leaves_behind_ends_with_it()
    {
        Store(["a"], Script("fork", HookEvent.Promote, HookPhase.After, $"setsid {_hanging.Command} & until pgrep -xf '{_hanging.Command}'; do :; done > /dev/null; echo forked"));
        _agent.Start();
        await _agent.UntilSaid("HookSucceeded web@1: hook fork (after promote): exit code 0");
        _hanging.Alive().ShouldBeEmpty();
        await Eventually.Until("nothing of it is left in the run directory", Limit, () =>
            Directory.GetDirectories(Path.Combine(_agent.RunDirectory, "hooks", Group)).Length == 0);
    }

    [Fact]
    public async Task Of_a_long_output_the_history_keeps_the_beginning_and_the_end()
    {
        Store(["a"], Script("loud", HookEvent.Promote, HookPhase.After, "echo BEGIN; head -c 100000 /dev/zero | tr '\\0' x; echo; echo END"));
        _agent.Start();
        await _agent.UntilSaid("HookSucceeded web@1: hook loud");
        var said = Said("HookSucceeded");
        said.ShouldContain("it wrote: BEGIN | xxx");
        said.ShouldContain(" bytes are left out] xxx");
        said.ShouldEndWith("xxx | END");
        said.Length.ShouldBeLessThan(5000);
    }

    [Fact]
    public async Task Hooks_that_hang_for_ever_delay_no_release_and_no_more_than_ten_seconds_of_the_agents_end()
    {
        Store(
            ["a"],
            Script("leaving", HookEvent.Demote, HookPhase.Before, _hanging.Command, timeout: 3600),
            Script("down", HookEvent.Demote, HookPhase.After, $"{_hanging.Command} & {_hanging.Command}", timeout: 3600));
        _agent.Start();
        await _programs.Are(1);
        await _agent.UntilSaid("OwnershipResumed web@1");
        using var watch = new FairWatch();
        _agent.Signal(Libc.SigTerm);
        await Eventually.Until("the end is on disk", Limit, () => _agent.Stored(Group).Ended == 1);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(9), "nothing waits for a hook (rule W7), which would be given ten seconds");
        await _hanging.Are(2);
        _agent.HasExited.ShouldBeFalse("it gives hooks some time");
        (await _agent.UntilExited()).ShouldBe(0);
        await _hanging.AreGone();
        await _agent.UntilSaid("HookCutOff web@1: hook leaving (before demote): the lease is over, after ");
        await _agent.UntilSaid("HookCutOff web@1: hook down (after demote): the agent stops, after ");
    }

    [Fact]
    public async Task A_lease_that_ends_takes_the_owners_hooks_with_it_on_time_and_the_fault_is_told()
    {
        _lease = await RunningAgent.LeaseAsync(_lease);
        Store(
            ["a", "b"],
            Script("hang", HookEvent.Promote, HookPhase.Before, $"{_hanging.Command} & {_hanging.Command}", timeout: 600),
            Script("told", HookEvent.Fault, HookPhase.After, $"echo $HAGRPC_EVENT $HAGRPC_ROLE >> {File("trace")}", more: HookEvent.Demote));
        var until = BootClock.Nanoseconds + (long)_lease.TotalNanoseconds;
        _agent.StoreDeadline(Group, until);
        _agent.Start();
        await _hanging.Are(2);
        BootClock.Nanoseconds.ShouldBeLessThan(until);
        await _hanging.AreGone();
        BootClock.Nanoseconds.ShouldBeGreaterThanOrEqualTo(until);
        await _agent.UntilSaid("hook told (after demote): exit code 0");
        Lines("trace").ShouldBe(["fault fault", "demote standby"]);
        _programs.Alive().ShouldBeEmpty("their turn had not come");
        await _agent.UntilSaid("HookCutOff web@1: hook hang (before promote): the lease is over");
    }

    [Fact]
    public async Task A_new_agent_ends_the_hook_that_a_dead_one_began_and_says_so()
    {
        Store(
            ["a"],
            Script("once", HookEvent.Promote, HookPhase.After, _hanging.Command, timeout: 3600));
        _agent.Start();
        await _hanging.Are(1);
        _agent.Signal(Libc.SigKill);
        _ = await _agent.UntilExited();
        _agent.Start();
        await _agent.UntilSaid("HookCutOff web@1: hook once: the agent was restarted while it ran");
        await _hanging.AreGone();
        _programs.Alive().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Notify_scripts_of_keepalived_run_unchanged()
    {
        // As keepalived calls them: one script for each state without arguments, and one for all states with four.
        string[] states = ["master", "backup", "fault", "stop"];
        foreach (var state in states)
            _ = WriteScript($"to_{state}.sh", $"echo \"{state} $#\" >> {File("trace")}");
        _ = WriteScript("notify.sh", $"echo \"$1 $2 $3 $4\" >> {File("trace")}");
        Hook[] hooks =
        [
            Of("master", HookEvent.Promote), Of("backup", HookEvent.Demote), Of("fault", HookEvent.Fault), Of("stop", HookEvent.Stop),
            new("notify", [HookEvent.Promote, HookEvent.Demote, HookEvent.Fault, HookEvent.Stop], HookPhase.After,
                [File("notify.sh")], TimeSpan.FromSeconds(10), "", HookStyle.Keepalived),
        ];
        Store(["a"], hooks);
        _agent.Start();
        await UntilTraced("INSTANCE web MASTER 100");
        _agent.Signal(Libc.SigTerm);
        (await _agent.UntilExited()).ShouldBe(0);
        await UntilTraced("INSTANCE web STOP 100");
        // Its epoch is over: like keepalived it begins as a backup.
        _agent.Start();
        await UntilTraced("INSTANCE web BACKUP 100");
        Lines("trace").ShouldBe(
        [
            "master 0", "INSTANCE web MASTER 100", "stop 0", "INSTANCE web STOP 100", "backup 0", "INSTANCE web BACKUP 100",
        ]);

        Hook Of(string state, HookEvent of) => new(
            state, [of], HookPhase.After, [File($"to_{state}.sh")], TimeSpan.FromSeconds(10), "", HookStyle.KeepalivedState);

        Task UntilTraced(string line) => Eventually.Until(line, Limit, () => System.IO.File.Exists(File("trace")) && Lines("trace").Contains(line));
    }

    [Fact]
    public async Task A_hook_that_cannot_run_says_why()
    {
        Store(
            ["a"],
            new Hook("nobody", [HookEvent.Promote], HookPhase.Before, ["/bin/true"], TimeSpan.FromSeconds(1), "no-such-user", HookStyle.Plain),
            new Hook("nothing", [HookEvent.Promote], HookPhase.Before, ["/no/such/file"], TimeSpan.FromSeconds(1), "", HookStyle.Plain));
        _agent.Start();
        await _agent.UntilSaid("HookFailed web@1: hook nobody (before promote): no such user 'no-such-user' on this host");
        await _agent.UntilSaid("HookFailed web@1: hook nothing (before promote): can't find command '/no/such/file'");
        await _programs.Are(1);
    }

    private void Store(string[] members, params Hook[] hooks)
    {
        var group = new Group(
            Group,
            [.. members.Select((host, i) => new Member(host, 100 - i))],
            [],
            [],
            new GroupTiming(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)),
            new Failback(FailbackMode.Manual, TimeSpan.Zero))
        {
            Hooks = [.. hooks],
        };
        var view = members.Length == 1 ? NoLease : new View(1, [.. members[1..]], _lease);
        _agent.Store(group, view, RunningHost.Define("one", _programs.Command));
    }

    private Hook Script(string name, HookEvent of, HookPhase phase, string script, int timeout = 10, HookEvent? more = null) => new(
        name,
        more is { } other ? [of, other] : [of],
        phase,
        [WriteScript(name, script)],
        TimeSpan.FromSeconds(timeout),
        "",
        HookStyle.Plain);

    private string WriteScript(string name, string script) =>
        Executable.Write(File(name), string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\n{script}\n"));

    private string File(string name) => Path.Combine(_scratch.FullName, name);

    private string[] Lines(string name) => System.IO.File.ReadAllLines(File(name));

    private string Said(string kind) => _agent.Lines.First(l => l.Contains(kind, StringComparison.Ordinal));
}
