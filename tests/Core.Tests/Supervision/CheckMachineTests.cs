using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class CheckMachineTests
{
    private static readonly BootInstant Started = new(1_000_000_000_000);

    // + and - are good and bad answers, one a second; u, d and . are what each comes to.
    [Theory]
    [InlineData(1, 1, 0, "+-+-", "udud")]
    [InlineData(2, 3, 0, "+-++-+---+", ".. .u.. ..d.")]
    [InlineData(1, 3, 0, "--+--+---", "..u..u..d")]
    [InlineData(1, 2, 4, "----++---", "....uu.dd")]
    [InlineData(1, 2, 4, "-----", ".....")]
    [InlineData(1, 1, 3, "---", "...")]
    public void It_takes_several_answers_in_a_row(int rise, int fall, int startPeriod, string answers, string verdicts)
    {
        var check = new Check(CheckKind.Tcp, "x:1") { Rise = rise, Fall = fall, StartPeriod = TimeSpan.FromSeconds(startPeriod) };
        var condition = default(CheckCondition);
        var found = "";
        for (var i = 0; i < answers.Length; i++)
        {
            var now = Started + TimeSpan.FromSeconds(i);
            condition = CheckMachine.Take(condition, answers[i] == '+', check, Started, now, out var verdict);
            found += verdict switch { CheckVerdict.Up => 'u', CheckVerdict.Down => 'd', _ => '.' };
        }
        found.ShouldBe(verdicts.Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80, "")]
    [InlineData("[::1]:80/a.B", "::1", 80, "a.B")]
    [InlineData("db.example:65535", "db.example", 65535, "")]
    public void A_host_and_a_port_are_read(string text, string host, int port, string rest)
    {
        HostPort.TryParse(text, out var readHost, out var readPort, out var readRest).ShouldBeTrue();
        (readHost, readPort, readRest).ShouldBe((host, port, rest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData(":80")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:")]
    [InlineData("::1:80")]
    [InlineData("a b:80")]
    public void Anything_else_is_not(string text) => HostPort.TryParse(text, out _, out _, out _).ShouldBeFalse();
}
