using HaGrpc.Ctl.Watching;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class WatchTests
{
    [Theory]
    [InlineData("status --watch web", "status --watch=2 web")]
    [InlineData("hosts -w", "hosts --watch=2")]
    [InlineData("groups --watch=5 web", "groups --watch=5 web")]
    [InlineData("status -- --watch", "status -- --watch")]
    [InlineData("program add -w", "program add -w")]
    public void Without_a_number_it_takes_no_name_for_one(string typed, string read) => WatchOption.Spelled(typed.Split(' ')).ShouldBe(read.Split(' '));

    [Theory]
    [InlineData("0")]
    [InlineData("0.1")]
    [InlineData("3601")]
    [InlineData("soon")]
    public async Task Only_a_sensible_interval_is_taken(string seconds)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync("status", $"--watch={seconds}");
        (run.Code, plane.Admin.Asked.Count).ShouldBe((2, 0));
        run.Error.ShouldStartWith($"hactl: --watch={seconds}: must be 0.2 to 3600 seconds\n");
    }

    [Fact]
    public async Task Blocks_follow_each_other_until_Ctrl_C()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var looks = 0;
        plane.Admin.OnPrograms = _ =>
        {
            if (++looks == 3)
                end.Cancel();
            return new() { Programs = { new ProgramLine { Program = new() { Group = "web", Name = $"p{looks}" } } } };
        };
        var run = await plane.RunUntilAsync(end.Token, "status", "--watch=0.2");
        run.Code.ShouldBe(130);
        run.Out.ShouldStartWith("2026-11-23 09:30:00\nweb:p1                           STOPPED   Not started, no owner\n\n2026-11-23 09:30:00\nweb:p2  ");
    }

    [Fact]
    public async Task Nobody_there_at_the_first_look_is_told_and_ends_it()
    {
        const string url = "http://127.0.0.1:1";
        var run = await FakeControlPlane.RunAtAsync(url, "", "status", "--watch").WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        run.Error.ShouldStartWith($"hactl: cannot connect to {url}: connection refused.");
        run.Code.ShouldBe(4);
    }

    [Fact]
    public async Task What_happens_is_shown_before_the_interval_is_over()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        plane.Admin.OnWatch = _ => [new Event { Id = 11, Kind = "HostLost" }];
        var looks = 0;
        plane.Admin.OnHosts = () =>
        {
            if (++looks == 2)
                end.Cancel();
            return new();
        };
        // With nothing but its interval the test would last an hour.
        (await plane.RunUntilAsync(end.Token, "hosts", "--watch=3600")).Code.ShouldBe(130);
        looks.ShouldBe(2);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("groups")]
    public async Task A_change_of_state_that_no_event_tells_of_is_shown_before_the_interval_is_over(string command)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        plane.States.OnWatch = async (_, stream, context) =>
        {
            await stream.WriteAsync(new() { Reset = true });
            await stream.WriteAsync(new() { Programs = { new ProgramLine { Program = new() { Group = "web", Name = "http" } } } });
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        var looks = 0;
        plane.Admin.OnPrograms = _ =>
        {
            if (++looks == 2)
                end.Cancel();
            return new();
        };
        plane.Admin.OnGroups = () =>
        {
            if (++looks == 2)
                end.Cancel();
            return new();
        };
        // With nothing but its interval the test would last an hour.
        (await plane.RunUntilAsync(end.Token, command, "--watch=3600", "web")).Code.ShouldBe(130);
        looks.ShouldBe(2);
        plane.States.Asked.ShouldHaveSingleItem().Selectors.ShouldBe(["web"]);
    }

    [Fact]
    public async Task It_ends_when_nobody_reads_any_more()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var output = new StringWriter();
        var unread = FakeControlPlane.Nobody() with { Out = output, HasReader = () => false };
        // With nothing but Ctrl-C the test would not end.
        (await Hactl.RunAsync(["--endpoint", plane.Url, "hosts", "--watch=3600"], unread, TestContext.Current.CancellationToken)).ShouldBe(0);
        output.ToString().ShouldContain("HOST");
    }

    [Theory]
    [InlineData(true, "xterm", true)]
    [InlineData(true, null, true)]
    [InlineData(true, "dumb", false)]
    [InlineData(false, "xterm", false)]
    public void Nothing_is_drawn_where_the_cursor_cannot_be_moved(bool isTerminal, string? term, bool isDrawn)
    {
        var surroundings = new Surroundings(TextReader.Null, TextWriter.Null, TextWriter.Null, TimeProvider.System, name => name == "TERM" ? term : null)
        {
            Bytes = Stream.Null,
            IsTerminal = isTerminal,
            IsErrorTerminal = isTerminal,
        };
        (surroundings.IsDrawn, surroundings.IsErrorDrawn).ShouldBe((isDrawn, isDrawn));
    }

    [Fact]
    public void A_frame_is_drawn_over_the_one_before_and_cut_to_the_screen()
    {
        Watch.Screen("a\nb\n", "now", (80, 24), isFirst: true).ShouldBe("\x1b[2J\x1b[Hnow\x1b[K\na\x1b[K\nb\x1b[K\n\x1b[J");
        Watch.Screen("a\nb\nc\nd\n", "now", (80, 5), isFirst: false).ShouldBe("\x1b[Hnow\x1b[K\na\x1b[K\nb\x1b[K\n… and 2 more lines\x1b[K\n\x1b[J");
        Watch.Screen("0123456789\n", "now", (8, 5), isFirst: false).ShouldBe("\x1b[Hnow\x1b[K\n0123456\x1b[K\n\x1b[J");
        Watch.Screen("\x1b[32mRUNNING\x1b[0m 12\n", "now", (9, 5), isFirst: false).ShouldBe("\x1b[Hnow\x1b[K\n\x1b[32mRUNNING\x1b[0m \x1b[0m\x1b[K\n\x1b[J");
        Watch.Screen("\x1b[32mRUNNING\x1b[0m\n", "2026-11-27", (6, 5), isFirst: false).ShouldBe("\x1b[H2026-\x1b[K\n\x1b[32mRUNNI\x1b[0m\x1b[K\n\x1b[J");
        Watch.Screen("\x1b[31m已停止\x1b[0m\n", "now", (6, 5), isFirst: false).ShouldBe("\x1b[Hnow\x1b[K\n\x1b[31m已停\x1b[0m\x1b[K\n\x1b[J");
    }
}
