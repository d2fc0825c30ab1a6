using HaGrpc.Core.Compat;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Compat;

public sealed class ControlRulesTests
{
    private static readonly GroupHold Owner = new(true, 7, "", false);

    [Theory]
    [InlineData(ProgramState.Stopped, null)]
    [InlineData(ProgramState.Exited, null)]
    [InlineData(ProgramState.Fatal, null)]
    [InlineData(ProgramState.Running, FaultCode.AlreadyStarted)]
    [InlineData(ProgramState.Starting, FaultCode.AlreadyStarted)]
    [InlineData(ProgramState.Backoff, FaultCode.AlreadyStarted)]
    [InlineData(ProgramState.Stopping, FaultCode.AbnormalTermination)]
    [InlineData(ProgramState.Unknown, FaultCode.AbnormalTermination)]
    public void A_start_is_refused_where_Supervisor_refuses_it(ProgramState state, FaultCode? fault) =>
        (ControlRules.OnStart("shop:web", "shop", state, Owner)?.Code).ShouldBe(fault);

    [Theory]
    [InlineData("b", true, "shop:web: runs on b, which owns shop")]
    [InlineData("", true, "shop:web: nobody owns shop now")]
    [InlineData("", false, "shop:web: this host does not own shop, and the control plane, which knows who does, is out of reach")]
    public void Whoever_does_not_own_the_group_is_told_who_does(string owner, bool answered, string text)
    {
        var hold = new GroupHold(false, 0, owner, answered);
        ControlRules.OnStart("shop:web", "shop", ProgramState.Stopped, hold).ShouldBe(new(FaultCode.SpawnError, text));
        ControlRules.OnStop("shop:web", "shop", hold).ShouldBe(new(FaultCode.Failed, text));
    }

    [Theory]
    [InlineData(ProgramState.Starting, "", false, null)]
    [InlineData(ProgramState.Running, "", true, null)]
    [InlineData(ProgramState.Backoff, "Exited too quickly", true, FaultCode.SpawnError)]
    [InlineData(ProgramState.Fatal, "", true, FaultCode.SpawnError)]
    [InlineData(ProgramState.Stopped, "the lease of its group is over", true, FaultCode.SpawnError)]
    [InlineData(ProgramState.Stopping, "", true, FaultCode.AbnormalTermination)]
    [InlineData(ProgramState.Exited, "", true, FaultCode.AbnormalTermination)]
    public void A_start_is_judged_by_the_state_that_follows(ProgramState state, string detail, bool decided, FaultCode? code)
    {
        ControlRules.StartIsDecided("shop:web", state, detail, out var fault).ShouldBe(decided);
        (fault?.Code).ShouldBe(code);
    }

    [Theory]
    [InlineData(5, "0:00:05")]
    [InlineData(93784, "1 day, 2:03:04")]
    [InlineData(1036801, "12 days, 0:00:01")]
    [InlineData(-3, "0:00:00")]
    public void Uptime_is_written_as_Python_does(int seconds, string text) =>
        ProcessDescription.Uptime(TimeSpan.FromSeconds(seconds)).ShouldBe(text);
}
