using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using Program = HaGrpc.Core.Model.Program;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class BreachTests
{
    private static readonly Program Sample = new()
    {
        Name = new("g", "p"),
        Command = "/bin/p",
        Restart = RestartPolicy.Never,
        StartRetries = 0,
        Limits = new() { Memory = 512 << 20, Pids = 20, Rlimits = new Limits().Rlimits.Add("cpu", new(60, 60)) },
    };

    [Theory]
    [InlineData(Breach.Memory, -9, "killed: out of memory (limit 512mb); not expected")]
    [InlineData(Breach.HostMemory, -9, "killed: the host was out of memory; not expected")]
    [InlineData(Breach.CpuTime, -24, "killed: out of processor time (limit 60 s); not expected")]
    [InlineData(Breach.FileSize, -25, "killed: wrote a file beyond its limit of size; not expected")]
    [InlineData(Breach.Pids, 3, "exit status 3, after it was refused a process or thread: too many (limit 20); not expected")]
    [InlineData(Breach.Pids, -11, "terminated by signal 11, after it was refused a process or thread: too many (limit 20); not expected")]
    [InlineData(Breach.None, -9, "terminated by signal 9, which its supervisor did not send; not expected")]
    [InlineData(Breach.Pids, 0, "")]
    public void An_end_that_is_not_expected_names_the_limit_that_it_had_to_do_with(Breach breach, int status, string detail)
    {
        var ended = End(TimeSpan.FromSeconds(10), status, breach);
        ended.State.ShouldBe(ProgramState.Exited);
        ended.Detail.ShouldBe(detail);
    }

    [Fact]
    public void A_start_that_a_limit_has_ended_says_so()
    {
        var ended = End(TimeSpan.FromSeconds(0.5), -9, Breach.Memory);
        ended.State.ShouldBe(ProgramState.Fatal);
        ended.Detail.ShouldBe("Exited too quickly: killed: out of memory (limit 512mb)");
    }

    private static ProgramCondition End(TimeSpan uptime, int status, Breach breach)
    {
        var started = new BootInstant(1_000_000_000);
        var at = started + uptime;
        var running = ProgramMachine.Adopt(42, started, 0, Sample, at).Condition;
        return ProgramMachine.Step(running, new ProgramEnded(status, at, EndCause.Own) { Breach = breach }, Sample, at, 0).Condition;
    }
}
