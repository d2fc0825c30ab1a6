using System.Threading.Channels;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Progress;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>What is under way stands on standard error, and standard output stays what scripts read.</summary>
public sealed class ProgressTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_takes_long_is_told_line_by_line_without_a_terminal()
    {
        var (run, looks) = await StartSlowlyAsync(isTerminal: false);
        looks.ShouldBe(3);
        run.Out.ShouldBe("web:http: started\n");
        run.Error.ShouldMatch(@"^hactl: web:http STARTING on a, after 2\.\d s\nhactl: web:http RUNNING on a, after [23]\.\d s\n$");
    }

    [Fact]
    public async Task At_a_terminal_lines_are_replaced_and_gone_at_the_end()
    {
        var (run, _) = await StartSlowlyAsync(isTerminal: true);
        run.Out.ShouldBe("web:http: started\n");
        run.Error.ShouldMatch(@"^\rweb:http  \x1b\[33mSTARTING  \x1b\[0m   \d\.\d s  a\x1b\[K\n\x1b\[J\x1b\[1A\rweb:http  ");
        run.Error.ShouldEndWith("\x1b[1A\r\x1b[J");
    }

    [Theory]
    [InlineData("--no-progress")]
    [InlineData("--quiet")]
    [InlineData("-q")]
    public async Task Nothing_is_told_when_it_is_not_wanted(string option)
    {
        var (run, looks) = await StartSlowlyAsync(isTerminal: true, option);
        (run.Error, looks).ShouldBe(("", 0));
    }

    [Fact]
    public void Of_many_those_are_shown_that_changed_last()
    {
        var board = new ProgressBoard(TimeSpan.Zero);
        board.Take(Enumerable.Range(0, 10).Select(i => new ProgressLine($"g:p{i}", "STARTING", "a")), TimeSpan.Zero).Count.ShouldBe(10);
        var changed = board.Take([new("g:p7", "RUNNING", "a")], TimeSpan.FromSeconds(3));
        changed.ShouldHaveSingleItem().Name.ShouldBe("g:p7");
        board.Rows(TimeSpan.FromSeconds(4), rows: 3, columns: 80, Ink.None).ShouldBe(
            ["g:p0  STARTING     4.0 s  a", "g:p7  RUNNING      1.0 s  a", "… and 8 more"]);
        board.Rows(TimeSpan.FromSeconds(4), rows: 20, columns: 80, Ink.None).Count.ShouldBe(10);
    }

    [Fact]
    public void A_row_never_wraps()
    {
        var board = new ProgressBoard(TimeSpan.Zero);
        board.Take([new(new string('n', 100), "STARTING", "a")], TimeSpan.Zero);
        board.Rows(TimeSpan.Zero, 5, columns: 40, Ink.Colours).ShouldHaveSingleItem().Length.ShouldBe(39);
    }

    /// <summary>A start that takes until the operator's clock has gone on three times.</summary>
    private static async Task<(FakeControlPlane.Outcome Run, int Looks)> StartSlowlyAsync(bool isTerminal, params string[] more)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var time = new WatchedTime();
        var (looks, up) = (0, new TaskCompletionSource());
        plane.Admin.OnStartAsync = async _ =>
        {
            await up.Task;
            return new() { Results = { new ProgramResult { Name = "web:http", Outcome = ProgramOutcome.Started, Host = "a" } } };
        };
        plane.Admin.OnPrograms = _ =>
        {
            looks++;
            return new() { Programs = { Line(looks < 3 ? ProgramState.Starting : ProgramState.Running) } };
        };
        if (more.Length > 0)
            up.SetResult();
        var running = plane.RunTimedAsync(time, isTerminal, ["start", "web", .. more]);
        // The clock goes on when it is waited for, and no more when the work is done.
        for (var look = 0; look < 3; look++)
        {
            if (await Task.WhenAny(running, time.IsAwaitedAsync()).WaitAsync(Bound) == running)
                break;
            time.Advance(look > 0 ? TimeSpan.FromMilliseconds(250) : isTerminal ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(2));
        }
        // Waiting again, it has told the third look: answered earlier, the call would race with what it tells.
        await Task.WhenAny(running, time.IsAwaitedAsync()).WaitAsync(Bound);
        up.TrySetResult();
        return (await running.WaitAsync(Bound), looks);
    }

    /// <summary>Says when somebody waits for it.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly Channel<bool> _timers = Channel.CreateUnbounded<bool>();

        public Task<bool> IsAwaitedAsync() => _timers.Reader.ReadAsync().AsTask();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timers.Writer.TryWrite(true);
            return timer;
        }
    }

    private static ProgramLine Line(ProgramState state) =>
        new() { Program = new() { Group = "web", Name = "http" }, Host = "a", Status = new() { Group = "web", Name = "http", State = state } };
}
