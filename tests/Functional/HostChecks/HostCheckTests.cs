using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Programs;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.HostChecks;

/// <summary>Checks of a host by real packets, real commands and real links.</summary>
public sealed class HostCheckTests : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    private readonly CheckedHost _host = new();
    private readonly Sleepers _hanging = new();

    private static HostCheck Gateway => new("gateway") { Ping = $"{HostOnWire.Peer4}", Interval = Often, Timeout = Often, Rise = 2, Fall = 2 };

    private static HostCheck Gateway6 => Gateway with { Name = "gateway6", Ping = $"{HostOnWire.Peer6}" };

    private static HostCheck Link => new("uplink") { Link = "eth0" };

    private static HostCheck Exec(string name, params string[] command) =>
        new(name) { Exec = [.. command], Interval = Often, Timeout = TimeSpan.FromSeconds(10), Rise = 1, Fall = 2 };

    public void Dispose()
    {
        _host.Dispose();
        foreach (var pid in _hanging.Alive())
            _ = Libc.Kill(pid, Libc.SigKill);
    }

    [Fact]
    public async Task A_gateway_that_answers_no_more_is_found_and_found_again()
    {
        _host.Wire.Peer.Nft("table inet t { chain in { type filter hook input priority 0; }; }");
        // Found good first, so that what follows is a change.
        _host.Configure(Gateway with { InitFail = true }, Gateway6 with { InitFail = true });
        await _host.UntilTold("HostCheckRecovered web: check gateway: 192.0.2.2 answers, 2 times in a row; does not keep this host from running web any more");
        await _host.UntilTold("HostCheckRecovered web: check gateway6: 2001:db8::2 answers, 2 times in a row");
        await _host.UntilUnfit("");

        _host.Wire.Peer.Nft("add rule inet t in icmp type echo-request drop");
        await _host.UntilUnfit("check gateway fails there: no answer from 192.0.2.2 in 100ms");
        await _host.UntilTold("HostCheckFailed web: check gateway: no answer from 192.0.2.2 in 100ms, 2 times in a row; this host cannot run web meanwhile");
        _host.Wire.Peer.Nft("add rule inet t in icmpv6 type echo-request drop");
        await _host.UntilUnfit("check gateway fails there: no answer from 192.0.2.2 in 100ms; check gateway6 fails there: no answer from 2001:db8::2 in 100ms");
        _host.Wire.Peer.Nft("flush ruleset");
        await _host.UntilUnfit("");
    }

    [Fact]
    public async Task A_gateway_behind_a_link_that_is_down_does_not_answer()
    {
        _host.Configure(Gateway, Gateway6);
        _host.Wire.Peer.Ip("link set eth0 down");
        await _host.UntilTold("HostCheckFailed web: check gateway:");
        await _host.UntilTold("HostCheckFailed web: check gateway6:");
        _host.Wire.Peer.Ip("link set eth0 up\naddr replace 2001:db8::2/64 dev eth0 nodad");
        await _host.UntilUnfit("");
    }

    [Fact]
    public async Task Of_a_command_the_exit_code_decides_and_its_first_line_is_told()
    {
        var disk = Exec("disk", _host.Script("disk", $"test -e {_host.File("full")} || exit 0; echo; echo 'disk is full' >&2; echo more; exit 3"), "/srv");
        _host.Configure(disk, disk with { Name = "weighed", Weight = -20 });
        await File.WriteAllTextAsync(_host.File("full"), "");
        await _host.UntilUnfit("check disk fails there: exit code 3: disk is full");
        await _host.UntilWeight(-20);
        await _host.UntilTold("HostCheckFailed web: check weighed: exit code 3: disk is full, 2 times in a row; adds -20 to the priority of this host in web");
        File.Delete(_host.File("full"));
        await _host.UntilUnfit("");
        await _host.UntilWeight(0);
        await _host.UntilTold("HostCheckRecovered web: check weighed: exit code 0; adds 0 to the priority of this host in web");
    }

    [Fact]
    public async Task A_command_is_told_what_it_is_for_and_runs_as_its_user()
    {
        // The folder is the tests' own: nobody else may enter it.
        File.SetUnixFileMode(_host.Folder, (UnixFileMode)0b111_101_101);
        _host.Configure(Exec("who", _host.Script("who", "echo $(id -un) $HAGRPC_GROUP $HAGRPC_CHECK $# $1 in $PWD; exit 1"), "a b") with { User = "nobody" });
        await _host.UntilUnfit("check who fails there: exit code 1: nobody web who 1 a b in /");
        _host.Configure(Exec("none", "/no/such/file"), Exec("nobody", "/bin/true") with { User = "no-such-user" });
        await _host.UntilUnfit(
            "check none fails there: can't find command '/no/such/file': No such file or directory (errno 2); "
            + "check nobody fails there: no such user 'no-such-user' on this host");
    }

    [Fact]
    public async Task A_command_that_hangs_is_killed_with_its_tree_and_counts_as_bad()
    {
        var runs = _host.File("runs");
        _host.Configure(Exec("hang", _host.Script("hang", $"echo >> {runs}; setsid {_hanging.Command} & {_hanging.Command}")) with { Timeout = TimeSpan.FromSeconds(1) });
        var most = 0;
        await _host.Until("it is bad", () =>
        {
            most = Math.Max(most, _hanging.Alive().Length);
            return _host.Unfit == "check hang fails there: had not ended after 1s";
        });
        most.ShouldBeInRange(1, 2, "one run at a time, and what a run left is gone before the next");
        await _host.Until("it was run four times", () => File.Exists(runs) && File.ReadAllLines(runs).Length >= 4);
        _host.Configure();
        await _host.UntilUnfit("");
        await _hanging.AreGone();
        await _host.Until("nothing of it is left in the run directory", () => Directory.GetDirectories(_host.File("run/checks/web")).Length == 0);
    }

    [Fact]
    public async Task A_check_that_hangs_delays_no_other()
    {
        _host.Configure(Exec("hang", _host.Script("hang", $"exec {_hanging.Command}")) with { Timeout = TimeSpan.FromHours(1) }, Gateway, Link);
        await _hanging.Are(1);
        _host.Wire.Peer.Ip("link set eth0 down");
        await _host.UntilTold("HostCheckFailed web: check uplink");
        await _host.UntilTold("HostCheckFailed web: check gateway");
        _hanging.Alive().Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_link_is_noticed_without_being_asked()
    {
        _host.Configure(Link, Link with { Name = "bonus", Weight = 10 });
        await _host.UntilWeight(10);
        _host.Wire.Peer.Ip("link set eth0 down");
        await _host.UntilUnfit("check uplink fails there: eth0 has no carrier");
        await _host.UntilWeight(0);
        _host.Wire.Peer.Ip("link set eth0 up");
        await _host.UntilUnfit("");
        await _host.UntilWeight(10);
        _host.Wire.Host.Ip("link set eth0 down");
        await _host.UntilUnfit("check uplink fails there: eth0 is set down");
        _host.Wire.Host.Ip("link set eth0 up");
        await _host.UntilUnfit("");
        _host.Configure(Link with { Link = "none0" });
        await _host.UntilUnfit("check uplink fails there: this host has no interface none0");
        _host.Wire.Host.Ip("link set eth0 down\nlink set eth0 name none0\nlink set none0 up");
        await _host.UntilUnfit("");
    }

    [Fact]
    public async Task An_edit_holds_at_once_and_asks_anew_only_what_is_another_question()
    {
        _host.Wire.Peer.Nft("table inet t { chain in { type filter hook input priority 0; icmp type echo-request drop; }; }");
        _host.Configure(Gateway);
        await _host.UntilUnfitBegins("check gateway fails there");
        // As good or bad as it was: nothing has to be found out.
        _host.Configure(Gateway with { Weight = -30, Interval = TimeSpan.FromHours(1) });
        await _host.UntilUnfit("");
        await _host.UntilWeight(-30);
        _host.Configure(Gateway with { Reverse = true, Interval = TimeSpan.FromHours(1) });
        await _host.UntilWeight(0);
        _host.Unfit.ShouldBe("");
        _host.Configure(Gateway with { Interval = TimeSpan.FromHours(1) });
        await _host.UntilUnfitBegins("check gateway fails there");
        // Another one is asked: nothing is known of it.
        _host.Configure(Gateway with { Ping = $"{HostOnWire.Peer6}" });
        await _host.UntilUnfit("");
        _host.Configure(Gateway);
        await _host.UntilUnfitBegins("check gateway fails there");
        _host.Configure();
        await _host.UntilUnfit("");
    }

    [Fact]
    public async Task A_restart_of_the_agent_neither_forgets_a_bad_check_nor_asks_a_good_one_to_prove_itself()
    {
        var bad = Exec("bad", _host.Script("bad", "echo broken; exit 1"));
        var good = Exec("good", "/bin/true") with { InitFail = true };
        _host.Configure(bad, good);
        await _host.UntilTold("HostCheckRecovered web: check good");
        await _host.UntilUnfit("check bad fails there: exit code 1: broken");
        _host.Restart();
        var (told, events) = (_host.Told.Count, _host.Events.Count);
        // Neither is asked so soon.
        _host.Configure(bad with { Exec = bad.Exec }, good with { Interval = TimeSpan.FromHours(1) });
        await _host.Until("it is told anew", () => _host.Told.Count > told);
        _host.Told.Skip(told).ShouldBe(["check bad fails there: exit code 1: broken"]);
        _host.Events.Count.ShouldBe(events, "nothing has changed");
    }

    [Fact]
    public async Task An_agent_that_ends_leaves_no_command_of_a_check()
    {
        _host.Configure(Exec("hang", _host.Script("hang", $"{_hanging.Command} & {_hanging.Command}")) with { Timeout = TimeSpan.FromHours(1) });
        await _hanging.Are(2);
        _host.Restart();
        await _hanging.AreGone();
    }

    [Fact]
    public async Task A_new_agent_ends_what_a_killed_one_was_asking()
    {
        using var agent = new RunningAgent();
        var hang = Exec("hang", _host.Script("hang", $"{_hanging.Command} & {_hanging.Command}")) with { Timeout = TimeSpan.FromHours(1) };
        agent.Store(
            new Group(CheckedHost.Group, [new("a", 100)], [], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero)) { Checks = [hang] },
            new View(1, [], null));
        agent.Start();
        await _hanging.Are(2);
        var first = _hanging.Alive();
        agent.Signal(Libc.SigKill);
        _ = await agent.UntilExited();
        first.ShouldAllBe(pid => Sleepers.IsAlive(pid));
        agent.Start();
        await _host.Until("they are gone", () => !first.Any(Sleepers.IsAlive));
        await _hanging.Are(2);
        agent.Signal(Libc.SigTerm);
        (await agent.UntilExited()).ShouldBe(0);
        await _hanging.AreGone();
    }
}
