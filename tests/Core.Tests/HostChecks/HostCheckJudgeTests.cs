using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.HostChecks;

public sealed class HostCheckJudgeTests
{
    // Every verdict with every kind of check: whether the host cannot run the group, and what its priority gets.
    [Theory]
    [InlineData(null, false, false, "None: may 0", "Up: may 0", "Down: not 0")]
    [InlineData(null, false, true, "None: not 0", "Up: may 0", "Down: not 0")]
    [InlineData(null, true, false, "None: may 0", "Up: not 0", "Down: may 0")]
    [InlineData(null, true, true, "None: not 0", "Up: not 0", "Down: may 0")]
    [InlineData(20, false, false, "None: may 20", "Up: may 20", "Down: may 0")]
    [InlineData(20, false, true, "None: may 0", "Up: may 20", "Down: may 0")]
    [InlineData(20, true, false, "None: may -20", "Up: may -20", "Down: may 0")]
    [InlineData(20, true, true, "None: may 0", "Up: may -20", "Down: may 0")]
    [InlineData(-20, false, false, "None: may 0", "Up: may 0", "Down: may -20")]
    [InlineData(-20, false, true, "None: may -20", "Up: may 0", "Down: may -20")]
    [InlineData(-20, true, false, "None: may 0", "Up: may 0", "Down: may 20")]
    [InlineData(-20, true, true, "None: may 20", "Up: may 0", "Down: may 20")]
    public void What_a_verdict_means(int? weight, bool reverse, bool initFail, params string[] expected)
    {
        var check = new HostCheck("c") { Ping = "10.0.0.1", Weight = weight, Reverse = reverse, InitFail = initFail };
        Enum.GetValues<CheckVerdict>().Select(verdict =>
            $"{verdict}: {(HostCheckJudge.Forbids(check, verdict) ? "not" : "may")} {HostCheckJudge.WeightOf(check, verdict)}").ShouldBe(expected);
    }

    [Theory]
    [InlineData("bb", "None")]
    [InlineData("bbb", "Down:b3")]
    [InlineData("bbgbb", "None")]
    [InlineData("g", "None")]
    [InlineData("gg", "Up:g2")]
    [InlineData("gbg", "None")]
    [InlineData("bbbb", "Down:b3")]
    [InlineData("bbbg", "Down:b3")]
    [InlineData("bbbgbg", "Down:b3")]
    [InlineData("bbbgg", "Up:g5")]
    [InlineData("ggbb", "Up:g2")]
    [InlineData("ggbbb", "Down:b5")]
    public void Every_verdict_takes_answers_in_a_row_and_keeps_the_words_of_the_last_of_them(string answers, string expected)
    {
        var check = new HostCheck("c") { Ping = "10.0.0.1", Rise = 2, Fall = 3 };
        var condition = HostCheckCondition.New;
        for (var i = 0; i < answers.Length; i++)
            condition = HostCheckJudge.Take(condition, check, answers[i] == 'g', $"{answers[i]}{i + 1}");
        (condition.Said.Length > 0 ? $"{condition.Verdict}:{condition.Said}" : $"{condition.Verdict}").ShouldBe(expected);
    }

    [Fact]
    public void What_the_kernel_says_of_a_link_is_so()
    {
        var link = new HostCheck("uplink") { Link = "eth0" };
        var down = HostCheckJudge.Take(HostCheckCondition.New, link, isGood: false, "eth0 has no carrier");
        (down.Verdict, down.Said).ShouldBe((CheckVerdict.Down, "eth0 has no carrier"));
        HostCheckJudge.Take(down, link, isGood: true, "eth0 has a carrier").Verdict.ShouldBe(CheckVerdict.Up);
    }

    [Fact]
    public void A_group_is_told_every_reason_and_the_sum_of_the_weights()
    {
        HostStanding.Of([]).ShouldBe(HostStanding.None);
        HostStanding.Of(
        [
            (new("gateway") { Ping = "10.0.0.1" }, new(CheckVerdict.Down, "no answer from 10.0.0.1 in 1s")),
            (new("disk") { Exec = ["/x"], Weight = -20 }, new(CheckVerdict.Down, "exit code 1")),
            (new("uplink") { Link = "eth0", Weight = 10 }, new(CheckVerdict.Up, "eth0 has a carrier")),
            (new("other") { Link = "eth1", Weight = 7 }, new(CheckVerdict.Down, "eth1 has no carrier")),
            (new("quiet") { Exec = ["/y"], Reverse = true }, new(CheckVerdict.Up, "exit code 0: in use")),
            (new("new") { Exec = ["/z"], InitFail = true }, HostCheckCondition.New),
            (new("fine") { Ping = "10.0.0.2" }, HostCheckCondition.New),
        ]).ShouldBe(new(
            "check gateway fails there: no answer from 10.0.0.1 in 1s; check quiet is good there, and is to be bad: exit code 0: in use; "
            + "check new has not been found good there yet",
            -10));
    }

    [Theory]
    [InlineData(false, CheckVerdict.None, CheckVerdict.Up, null)]
    [InlineData(true, CheckVerdict.None, CheckVerdict.Up, "HostCheckRecovered: check c: said, 2 times in a row; does not keep this host from running web any more")]
    [InlineData(false, CheckVerdict.None, CheckVerdict.Down, "HostCheckFailed: check c: said, 3 times in a row; this host cannot run web meanwhile")]
    [InlineData(true, CheckVerdict.None, CheckVerdict.Down, "HostCheckFailed: check c: said, 3 times in a row; this host cannot run web meanwhile")]
    [InlineData(false, CheckVerdict.Up, CheckVerdict.Down, "HostCheckFailed: check c: said, 3 times in a row; this host cannot run web meanwhile")]
    [InlineData(false, CheckVerdict.Down, CheckVerdict.Up, "HostCheckRecovered: check c: said, 2 times in a row; does not keep this host from running web any more")]
    [InlineData(false, CheckVerdict.Up, CheckVerdict.Up, null)]
    [InlineData(false, CheckVerdict.Down, CheckVerdict.Down, null)]
    public void The_history_is_told_of_what_has_changed(bool initFail, CheckVerdict before, CheckVerdict after, string? expected)
    {
        var check = new HostCheck("c") { Ping = "10.0.0.1", InitFail = initFail };
        var change = HostCheckChange.Of(check, "web", new(before, ""), new(after, "said"));
        (change is null ? null : $"{change.Kind}: {change.Message}").ShouldBe(expected);
    }

    [Fact]
    public void With_a_weight_it_says_what_that_does()
    {
        var down = new HostCheckCondition(CheckVerdict.Down, "exit code 1");
        HostCheckText.Message(new("disk") { Exec = ["/x"], Weight = -20, Fall = 1 }, "web", down)
            .ShouldBe("check disk: exit code 1; adds -20 to the priority of this host in web");
        HostCheckText.Message(new("uplink") { Link = "eth0", Weight = 10 }, "web", down)
            .ShouldBe("check uplink: exit code 1; adds 0 to the priority of this host in web");
        HostCheckText.Message(new("spare") { Exec = ["/x"], Reverse = true, Fall = 1 }, "web", down)
            .ShouldBe("check spare: exit code 1; does not keep this host from running web any more");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\n \n  disk full\nmore", "disk full")]
    [InlineData("a\tb\u001b[2J\r\n", "a b\uFFFD[2J")]
    public void Of_the_output_the_first_line_is_told(string output, string expected) =>
        HostCheckText.FirstLine(System.Text.Encoding.UTF8.GetBytes(output)).ShouldBe(expected);

    [Fact]
    public void A_long_line_is_cut() =>
        HostCheckText.FirstLine(System.Text.Encoding.UTF8.GetBytes(new string('x', 5000))).ShouldBe(new string('x', 200));
}
