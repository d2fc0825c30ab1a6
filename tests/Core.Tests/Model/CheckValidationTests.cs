using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class CheckValidationTests
{
    [Theory]
    [InlineData(CheckKind.Http, "https://localhost/x?y=1")]
    [InlineData(CheckKind.Http, "http://127.0.0.1:80%(process_num)02d/")]
    [InlineData(CheckKind.Tcp, "[::1]:80")]
    [InlineData(CheckKind.Exec, "/bin/check 'a b' %(ENV_HOME)s")]
    [InlineData(CheckKind.Grpc, "localhost:50051/shop.v1.Orders")]
    [InlineData(CheckKind.Notify, "")]
    public void A_check_can_ask_this(CheckKind kind, string target) =>
        Sample.Errors(Sample.Program with { Readiness = new(kind, target) }).ShouldBeEmpty();

    [Theory]
    [InlineData(CheckKind.Http, "ftp://x/", "http: ftp://x/: must be a URL such as http://127.0.0.1:8080/health")]
    [InlineData(CheckKind.Http, "", "http: must be a URL such as http://127.0.0.1:8080/health")]
    [InlineData(CheckKind.Tcp, "localhost", "tcp: localhost: must be host:port, for example 127.0.0.1:5432 or [::1]:5432")]
    [InlineData(CheckKind.Tcp, "a:1/b", "tcp: a:1/b: must be host:port, for example 127.0.0.1:5432 or [::1]:5432")]
    [InlineData(CheckKind.Exec, "a 'b", "exec: a 'b: the quote ' at position 3 is not closed")]
    [InlineData(CheckKind.Exec, "date +%s", "exec: date +%s: the % at position 7 begins no expansion: write %% for a percent sign")]
    [InlineData(CheckKind.Grpc, "x", "grpc: x: must be host:port or host:port/service, for example 127.0.0.1:50051/shop.v1.Orders")]
    [InlineData(CheckKind.Notify, "", "notify: a program says that it is ready, not that it is alive; use http, tcp, exec or grpc")]
    public void And_not_that(CheckKind kind, string target, string expected) =>
        Sample.Errors(Sample.Program with { Liveness = new(kind, target) }).ShouldBe([$"programs[0].liveness.{expected}"]);

    [Fact]
    public void What_runs_once_is_neither_asked_nor_always_restarted() =>
        Sample.Errors(Sample.Program with { Oneshot = true, Restart = RestartPolicy.Always, Liveness = new(CheckKind.Tcp, "a:1") }).ShouldBe([
            "programs[0].oneshot: true: a program that runs once cannot have restart: always",
            "programs[0].oneshot: true: a program that runs once is ready when it has ended well: leave readiness and liveness out",
        ]);

    [Fact]
    public void What_runs_everywhere_is_no_part_of_what_its_group_does() =>
        Sample.Errors(Sample.Program with { RunOn = RunOn.All, Oneshot = true, FatalAction = FatalAction.FailOver }).ShouldBe([
            "programs[0].run_on: all: a oneshot runs when the group begins on a host: leave one of the two out",
            "programs[0].fatal_action: fail_over: a program with run_on: all is no part of what its group does: leave it out",
        ]);

    [Fact]
    public void Every_number_has_its_bounds()
    {
        var check = new Check(CheckKind.Tcp, "a:1")
        {
            Interval = TimeSpan.FromMilliseconds(49),
            Timeout = TimeSpan.FromHours(2),
            StartPeriod = TimeSpan.FromSeconds(-1),
            Rise = 0,
            Fall = 101,
        };
        Sample.Errors(Sample.Program with { Readiness = check, ReadyTimeout = TimeSpan.Zero }).ShouldBe([
            "programs[0].readiness.interval: 49ms: must be 50ms to 1h",
            "programs[0].readiness.timeout: 2h: must be 10ms to 1h",
            "programs[0].readiness.start_period: -1s: must be 0s to 24h",
            "programs[0].readiness.rise: 0: must be 1 to 100",
            "programs[0].readiness.fall: 101: must be 1 to 100",
            "programs[0].ready_timeout: 0s: must be 100ms to 24h",
        ]);
    }
}
