using System.Collections.Immutable;
using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;

namespace HaGrpc.Core.Tests.Rehearsal;

public sealed class RehearsalJudgeTests
{
    private const string Name = "web:http";
    private static readonly ProgramName Program = new("web", "http");

    private static readonly Group Web = new(
        "web",
        [new("a", 120), new("b", 80)],
        [new("192.0.2.10/32", "eth0")],
        [new("198.51.100.0/24", "", "eth1")],
        GroupTiming.Default,
        new(FailbackMode.Manual, TimeSpan.Zero));

    private static readonly HostFacts Host = new(
        [], [new("eth0", true), new("eth1", true)], [new(IPAddress.Parse("192.0.2.2"), "eth0")], "");

    [Fact]
    public void A_host_that_has_everything_is_ready_and_every_check_is_named()
    {
        var findings = Judge(new ProgramFacts(Program)
        {
            User = "www",
            Command = new("/usr/bin/http", PathState.Fine),
            Directory = new(new("/srv", PathState.Fine), new(5L << 30, 10L << 30, 1000, 2000)),
            Logs = [new(new("/var/log", PathState.Fine), null)],
            Ports = [new("liveness", "127.0.0.1", 80, true, [])],
        });
        findings.Select(f => f.What).ShouldBe(["gate", "interface", "address", "route", "user", "command", "directory", "log", "port"]);
        findings.ShouldAllBe(f => f.Verdict == Verdict.Ok && f.Right == "");
        Readiness.Of(findings).Score.ShouldBe(100);
    }

    [Theory]
    [InlineData(PathState.Missing, "can't find command '/usr/bin/http'")]
    [InlineData(PathState.WrongKind, "command at '/usr/bin/http' is a directory")]
    [InlineData(PathState.NotExecutable, "command at '/usr/bin/http' is not executable")]
    [InlineData(PathState.Denied, "www may not execute '/usr/bin/http'")]
    [InlineData(PathState.Silent, "'/usr/bin/http' was looked for, and nothing answered in 2 s")]
    public void A_command_that_cannot_be_run_fails(PathState state, string value) =>
        Failing(new(Program) { User = "www", Command = new("/usr/bin/http", state) }).ShouldBe([("command", Name, value)]);

    [Fact]
    public void What_cannot_even_be_made_a_process_fails() =>
        Failing(new(Program) { Problem = "can't parse command" }).ShouldBe([("program", Name, "can't parse command")]);

    [Theory]
    [InlineData(PathState.Fine, Verdict.Ok, "/sbin/claim-vip")]
    [InlineData(PathState.Missing, Verdict.Fails, "there is no script '/sbin/claim-vip'")]
    [InlineData(PathState.NotExecutable, Verdict.Fails, "'/sbin/claim-vip' is not executable")]
    [InlineData(PathState.Silent, Verdict.Fails, "'/sbin/claim-vip' was looked for, and nothing answered in 2 s")]
    public void The_script_of_a_vip_has_to_be_there(PathState state, Verdict verdict, string value)
    {
        var finding = RehearsalJudge.Judge(Web, Host with { Scripts = [new("/sbin/claim-vip", state)] }).Single(f => f.What == "script");
        (finding.Verdict, finding.Value, finding.Right.Length > 0).ShouldBe((verdict, value, verdict == Verdict.Fails));
    }

    [Theory]
    [InlineData(UserState.Unknown, "no such user 'www'")]
    [InlineData(UserState.Silent, "'www' was asked for, and nothing answered in 2 s")]
    public void A_user_that_is_not_there_fails(UserState state, string value) =>
        Failing(new(Program) { User = "www", UserState = state }).ShouldBe([("user", Name, value)]);

    [Theory]
    [InlineData(PathState.Missing, "no such directory '/srv'")]
    [InlineData(PathState.WrongKind, "'/srv' is no directory")]
    [InlineData(PathState.Denied, "permission denied to '/srv'")]
    [InlineData(PathState.ReadOnly, "'/srv' is on a read-only file system")]
    [InlineData(PathState.Silent, "'/srv' was looked at, and nothing answered in 2 s")]
    public void A_folder_that_cannot_be_used_fails(PathState state, string value)
    {
        Failing(new(Program) { Directory = new(new("/srv", state), null) }).ShouldBe([("directory", Name, value)]);
        Failing(new(Program) { Logs = [new(new("/srv", state), null)] }).ShouldBe([("log", Name, value)]);
    }

    [Theory]
    [InlineData(15L << 20, 1L << 40, 9, 10, Verdict.Fails)] // Full.
    [InlineData(15L << 20, 100L << 20, 9, 10, Verdict.Ok)] // Small, and not full.
    [InlineData(17L << 20, 1L << 40, 9, 10, Verdict.Warning)] // Nearly full.
    [InlineData(2L << 30, 1L << 40, 9, 10, Verdict.Ok)] // Of much a little.
    [InlineData(0, 1L << 20, 9, 10, Verdict.Fails)]
    [InlineData(1L << 40, 2L << 40, 99, 100_000, Verdict.Fails)] // No more files.
    [InlineData(1L << 40, 2L << 40, 99, 200, Verdict.Ok)]
    [InlineData(1L << 40, 2L << 40, 0, 0, Verdict.Ok)] // It does not count files.
    public void A_full_file_system_fails_and_a_small_one_does_not(long free, long total, long freeFiles, long files, Verdict verdict) =>
        Judge(new ProgramFacts(Program) { Directory = new(new("/srv", PathState.Fine), new(free, total, freeFiles, files)) })
            .Single(f => f.What == "directory").Verdict.ShouldBe(verdict);

    [Fact]
    public void Free_room_is_told_in_words() =>
        Judge(new ProgramFacts(Program) { Directory = new(new("/srv", PathState.Fine), new(3L << 20, 1L << 30, 9, 10)) })
            .Single(f => f.What == "directory")
            .ShouldBe(new("directory", Name, Verdict.Fails, "/srv: 3 MiB free (0.3 %): full", "16 MiB free, or a tenth of the file system"));

    [Theory]
    [InlineData("127.0.0.1", "0.0.0.0", Verdict.Fails)]
    [InlineData("127.0.0.1", "::", Verdict.Fails)]
    [InlineData("127.0.0.1", "127.0.0.1", Verdict.Fails)]
    [InlineData("localhost", "127.0.0.1", Verdict.Fails)]
    [InlineData("127.0.0.1", "192.0.2.2", Verdict.Warning)] // Collides when the program listens on all addresses.
    [InlineData("0.0.0.0", "192.0.2.2", Verdict.Fails)]
    [InlineData("127.0.0.1", "::1", Verdict.Ok)]
    [InlineData("::1", "0.0.0.0", Verdict.Warning)]
    [InlineData("192.0.2.10", "0.0.0.0", Verdict.Fails)] // The group's own address, which is not here yet.
    [InlineData("192.0.2.2", "192.0.2.2", Verdict.Fails)]
    public void A_port_that_somebody_listens_on_collides(string target, string listener, Verdict verdict) =>
        Judge(new ProgramFacts(Program) { Ports = [new("liveness", target, 80, true, [new(IPAddress.Parse(listener), 812, "nginx")])] })
            .Single(f => f.What == "port").Verdict.ShouldBe(verdict);

    [Fact]
    public void Who_has_a_port_is_told() =>
        Failing(new(Program) { Ports = [new("liveness", "127.0.0.1", 80, true, [new(IPAddress.Any, 812, "nginx")])] })
            .ShouldBe([("port", Name, "80 (liveness) is taken: nginx (pid 812) listens on 0.0.0.0:80")]);

    [Fact]
    public void A_port_that_a_program_may_only_call_is_a_warning_and_one_of_another_machine_is_nothing()
    {
        var taken = new Listener(IPAddress.Any, 0, "");
        var findings = Judge(new ProgramFacts(Program)
        {
            Ports = [new("environment DB_PORT", "", 5432, false, [taken]), new("liveness", "203.0.113.1", 80, true, [taken]), new("liveness", "db", 80, true, [taken])],
        }).Where(f => f.What == "port");
        findings.ShouldHaveSingleItem().Value.ShouldBe("5432 (environment DB_PORT) is taken: somebody listens on 0.0.0.0:5432");
        findings.Single().Verdict.ShouldBe(Verdict.Warning);
    }

    [Fact]
    public void Interfaces_that_are_missing_or_down_fail()
    {
        var findings = RehearsalJudge.Judge(Web, Host with { Links = [new("eth", true), new("eth1", false)] });
        findings.Where(f => f.Verdict == Verdict.Fails).Select(f => (f.What, f.Value)).ShouldBe([
            ("interface", "eth0: this host has no such interface"),
            ("route", "198.51.100.0/24 by eth1 is down, or has no carrier")]);
    }

    [Fact]
    public void An_address_on_another_interface_fails_and_on_its_own_is_a_warning()
    {
        AddressOn("eth1").ShouldBe((Verdict.Fails, "192.0.2.10 is on eth1 already"));
        AddressOn("eth0").ShouldBe((Verdict.Warning, "192.0.2.10 is on eth0 already"));

        static (Verdict, string) AddressOn(string name)
        {
            var found = RehearsalJudge.Judge(Web, Host with { Addresses = [new(IPAddress.Parse("192.0.2.10"), name)] }).Single(f => f.What == "address");
            return (found.Verdict, found.Value);
        }
    }

    [Fact]
    public void A_host_without_a_gate_needs_a_longer_margin()
    {
        var none = Host with { GateProblem = "no nf_tables in this kernel" };
        RehearsalJudge.Judge(Web, none)[0].Verdict.ShouldBe(Verdict.Fails);
        var patient = Web with { Timing = Web.Timing with { TakeoverMargin = TimeSpan.FromMilliseconds(3100) } };
        RehearsalJudge.Judge(patient, none)[0].Verdict.ShouldBe(Verdict.Warning);
        RehearsalJudge.Judge(Web with { Vips = [] }, none).ShouldAllBe(f => f.What == "route");
    }

    [Fact]
    public void The_score_is_the_part_that_does_not_fail_and_full_only_when_nothing_does()
    {
        Readiness.Of([]).Score.ShouldBe(100);
        Finding ok = new("user", "x", Verdict.Ok, ""), bad = ok with { Verdict = Verdict.Fails }, warning = ok with { Verdict = Verdict.Warning };
        Readiness.Of([ok, bad, ok, warning]).Score.ShouldBe(75);
        Readiness.Of([bad]).Score.ShouldBe(0);
        Readiness.Of([bad, .. Enumerable.Repeat(ok, 999)]).Score.ShouldBe(99);
    }

    [Fact]
    public void Other_figures_are_no_news()
    {
        Finding full = new("log", "x", Verdict.Fails, "3 MiB free"), fuller = full with { Value = "2 MiB free" };
        Readiness.Of([full]).SaysTheSameAs(Readiness.Of([fuller])).ShouldBeTrue();
        Readiness.Of([full]).SaysTheSameAs(Readiness.Of([full with { What = "directory" }])).ShouldBeFalse();
        Readiness.Of([full]).SaysTheSameAs(Readiness.Of([])).ShouldBeFalse();
    }

    private static ImmutableArray<Finding> Judge(ProgramFacts program) => RehearsalJudge.Judge(Web, Host with { Programs = [program] });

    private static IEnumerable<(string What, string Subject, string Value)> Failing(ProgramFacts program)
    {
        var failing = Judge(program).Where(f => f.Verdict == Verdict.Fails).ToArray();
        failing.ShouldAllBe(f => f.Right.Length > 0);
        return failing.Select(f => (f.What, f.Subject, f.Value));
    }
}
