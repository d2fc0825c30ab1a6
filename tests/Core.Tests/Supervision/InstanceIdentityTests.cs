using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class InstanceIdentityTests
{
    private static readonly Program Before = new() { Name = new("web", "db"), Command = "/bin/db" };

    [Fact]
    public void What_a_process_is_started_with_restarts_it()
    {
        var after = Before with
        {
            Command = "/bin/db2",
            User = "db",
            Environment = Before.Environment.Add("A", "1"),
            RunOn = RunOn.All,
        };
        InstanceIdentity.Differences(Before, after).ShouldBe(["command", "user", "environment", "run_on"]);
        InstanceIdentity.Of(after).ShouldNotBe(InstanceIdentity.Of(Before));
    }

    [Fact]
    public void A_log_file_instead_of_none_restarts_it_another_one_does_not()
    {
        var logged = Before with { StdoutLogfile = "/var/log/db.log" };
        InstanceIdentity.Differences(Before, logged).ShouldBe(["stdout_logfile"]);
        InstanceIdentity.Differences(logged, logged with { StdoutLogfile = "/srv/log/db.log" }).ShouldBeEmpty();
        InstanceIdentity.Differences(logged, logged with { RedirectStderr = true }).ShouldBe(["redirect_stderr"]);
        InstanceIdentity.Differences(logged with { RedirectStderr = true }, logged with { RedirectStderr = true, StderrLogfile = "/x" }).ShouldBeEmpty();
    }

    [Fact]
    public void Policy_does_not()
    {
        var after = Before with
        {
            Priority = 1,
            After = ["x"],
            Restart = RestartPolicy.Always,
            Backoff = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9)),
            Liveness = new(CheckKind.Tcp, "a:1"),
            ReadyTimeout = TimeSpan.FromSeconds(3),
            StopSignal = "INT",
            StopTimeout = TimeSpan.FromSeconds(1),
            FatalAction = FatalAction.FailOver,
            StdoutLogfileMaxBytes = 1 << 20,
            LogfileCompress = true,
        };
        InstanceIdentity.Differences(Before, after).ShouldBeEmpty();
        InstanceIdentity.Of(after).ShouldBe(InstanceIdentity.Of(Before));
    }
}
