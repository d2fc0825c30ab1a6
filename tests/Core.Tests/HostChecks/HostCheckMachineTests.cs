using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.HostChecks;

/// <summary>On a clock that moves only when it is told to.</summary>
public sealed class HostCheckMachineTests
{
    private static readonly HostCheck Gateway = new("gateway")
    {
        Ping = "10.0.0.1",
        Interval = TimeSpan.FromSeconds(5),
        Timeout = TimeSpan.FromSeconds(2),
        Rise = 1,
        Fall = 2,
    };

    private BootInstant _now = new(1_000_000_000_000);

    [Fact]
    public void It_asks_in_the_rhythm_of_its_interval_from_the_begin_on()
    {
        var machine = New(Gateway);
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
        Pass(1.5);
        machine.Answered(isGood: true, "fine", _now);
        machine.Condition.Verdict.ShouldBe(CheckVerdict.Up);
        (machine.NextWake - _now).ShouldBe(TimeSpan.FromSeconds(3.5));
        Pass(3.4);
        machine.Wake(_now).ShouldBe(HostCheckAct.None);
        Pass(0.1);
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
    }

    [Fact]
    public void A_late_answer_is_a_bad_one_and_its_own_word_does_not_count()
    {
        var machine = New(Gateway with { Fall = 1 });
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
        (machine.NextWake - _now).ShouldBe(TimeSpan.FromSeconds(2));
        Pass(2);
        machine.Wake(_now).ShouldBe(HostCheckAct.End);
        machine.Condition.ShouldBe(new(CheckVerdict.Down, "no answer from 10.0.0.1 in 2s", Bad: 1));
        Pass(0.1);
        machine.Answered(isGood: true, "late", _now);
        machine.Condition.Verdict.ShouldBe(CheckVerdict.Down);
        (machine.NextWake - _now).ShouldBe(TimeSpan.FromSeconds(2.9));
    }

    [Fact]
    public void One_that_cannot_be_ended_is_bad_again_and_nothing_is_asked_beside_it()
    {
        var machine = New(Gateway with { Ping = "", Exec = ["/hang"], Fall = 3 });
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
        Pass(2);
        machine.Wake(_now).ShouldBe(HostCheckAct.End);
        Pass(5);
        machine.Wake(_now).ShouldBe(HostCheckAct.None);
        machine.Condition.Verdict.ShouldBe(CheckVerdict.None);
        Pass(5);
        machine.Wake(_now).ShouldBe(HostCheckAct.None);
        machine.Condition.ShouldBe(new(CheckVerdict.Down, "had not ended after 2s", Bad: 3));
        Pass(1);
        machine.Answered(isGood: false, "was ended", _now);
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask, "its interval is over long since");
    }

    [Fact]
    public void One_that_takes_longer_than_its_interval_is_waited_for()
    {
        var machine = New(Gateway with { Interval = TimeSpan.FromSeconds(1) });
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
        Pass(1.9);
        machine.Wake(_now).ShouldBe(HostCheckAct.None);
        machine.Answered(isGood: true, "fine", _now);
        machine.Wake(_now).ShouldBe(HostCheckAct.Ask);
    }

    [Fact]
    public void A_link_is_never_asked_and_every_word_of_it_counts()
    {
        var machine = New(new HostCheck("uplink") { Link = "eth0" });
        machine.NextWake.ShouldBe(BootInstant.Never);
        machine.Answered(isGood: false, "eth0 has no carrier", _now);
        machine.Condition.Verdict.ShouldBe(CheckVerdict.Down);
        machine.Answered(isGood: true, "eth0 has a carrier", _now);
        machine.Condition.Verdict.ShouldBe(CheckVerdict.Up);
        machine.NextWake.ShouldBe(BootInstant.Never);
    }

    [Fact]
    public void An_edit_of_times_counts_and_weights_keeps_the_verdict()
    {
        var machine = New(Gateway with { Fall = 1 });
        machine.Wake(_now);
        machine.Answered(isGood: false, "no", _now);
        machine.TryEdit(Gateway with { Interval = TimeSpan.FromSeconds(1), Rise = 9, Weight = 3, Reverse = true, InitFail = true }, _now).ShouldBeTrue();
        machine.Condition.Verdict.ShouldBe(CheckVerdict.Down);
        machine.Check.Weight.ShouldBe(3);
        (machine.NextWake - _now).ShouldBe(TimeSpan.FromSeconds(1), "the shorter interval holds at once");
    }

    [Fact]
    public void An_edit_of_what_is_asked_is_a_new_check()
    {
        var machine = New(Gateway);
        machine.TryEdit(Gateway with { Ping = "10.0.0.2" }, _now).ShouldBeFalse();
        machine.TryEdit(Gateway with { Ping = "", Link = "eth0" }, _now).ShouldBeFalse();
        machine.TryEdit(Gateway with { Exec = ["/x"] }, _now).ShouldBeFalse();
        machine.TryEdit(Gateway with { User = "app" }, _now).ShouldBeFalse();
        machine.Check.ShouldBe(Gateway);
    }

    private HostCheckMachine New(HostCheck check) => new(check, HostCheckCondition.New, _now);

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}
