namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Command lines that mean nothing, or not what they seem to: nothing is asked for, and the answer says what would be right.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("switchover|web|--to|", "--to: must not be empty; is a variable not set?")]
    [InlineData("stop|web:http|", "SELECTOR: must not be empty; is a variable not set?")]
    [InlineData("delete|group|", "GROUP: must not be empty; is a variable not set?")]
    [InlineData("approve|first", "first: must be a whole number")]
    public async Task Nothing_is_done(string typed, string told)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(typed.Split('|'));
        run.Error.ShouldBe($"hactl: {told}\nhactl: try 'hactl --help' or 'hactl COMMAND --help'\n");
        run.Code.ShouldBe(2);
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("help status", true)]
    [InlineData("-o json help status", true)]
    [InlineData("--lang=en help status", true)]
    [InlineData("--endpoint http://127.0.0.1:1 help status", true)]
    [InlineData("status help", false)]
    [InlineData("--endpoint help", false)]
    public async Task Help_may_stand_behind_options(string typed, bool isHelp)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(typed.Split(' '));
        run.Out.Contains("Show programs: state, pid, uptime, host.", StringComparison.Ordinal).ShouldBe(isHelp);
    }

    [Fact]
    public async Task An_empty_reason_is_none()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await plane.RunAsync("undrain", "a", "--reason", "")).Error.ShouldNotContain("empty");
    }
}
