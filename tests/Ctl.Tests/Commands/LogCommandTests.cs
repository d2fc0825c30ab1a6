using Google.Protobuf;
using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>hactl tail and logs: what they ask for, and how they show it.</summary>
public sealed class LogCommandTests
{
    [Fact]
    public async Task Tail_asks_for_one_log_and_gives_its_bytes_as_they_are()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ => [Reached("a", "http"), Text("http", "one\n\x1b[31mtw"), Text("http", "o\r")];
        var run = await plane.RunAsync("tail", "-n", "3", "web:http", "stderr");
        (run.Out, run.Error, run.Code).ShouldBe(("one\n\x1b[31mtwo\r\n", "", 0));
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBe(
            new TailLogsRequest { Group = "web", Program = "http", Channel = LogChannel.Stderr, Lines = 3 });
    }

    [Fact]
    public async Task A_terminal_gets_nothing_that_it_would_obey()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ => [Reached("a", "http"), Text("http", "\x1b[1;31mred\x1b[0m\ttab\r\n\x1b]0;title\x07 \x7f \u009b2J é\nend")];
        var run = await plane.RunOnTerminalAsync("tail", "web:http");
        run.Out.ShouldBe("red\ttab\n^[]0;title^G ^? <9B>2J é\nend\n");
    }

    [Fact]
    public async Task Logs_are_whole_lines_behind_names_of_one_width()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ =>
        [
            Reached("a", "db", "http"), Text("http", "he"), Text("db", "1\n2\n"), Text("http", "llo\n"),
            Text("db", "oops\nand", LogChannel.Stderr), Notice(LogNoticeKind.NoLog, "web:quiet: no log file"),
        ];
        var run = await plane.RunAsync("logs", "web");
        run.Out.ShouldBe("""
            db   | 1
            db   | 2
            http | hello
            db stderr | oops
            db stderr | and

            """);
        (run.Error, run.Code).ShouldBe(("hactl: web:quiet: no log file\n", 0));
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBe(new TailLogsRequest { Group = "web", Lines = 10 });
    }

    [Fact]
    public async Task A_channel_that_is_there_from_the_beginning_has_its_width()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var reached = Reached("a", "db");
        reached.Reached.Logs.Add(new ReachedLog { Program = "db", Channel = LogChannel.Stderr, Position = new() });
        plane.Admin.OnTail = _ => [reached, Text("db", "1\n"), Text("db", "2\n", LogChannel.Stderr)];
        (await plane.RunAsync("logs", "web:*")).Out.ShouldBe("db        | 1\ndb stderr | 2\n");
    }

    [Theory]
    [InlineData("tail", "web:http")]
    [InlineData("logs", "web")]
    public async Task Json_is_an_object_for_each_line(string command, string name)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ => [Reached("a", "http"), Text("http", "say \"hi\"\nrest")];
        var run = await plane.RunAsync(command, name, "-o", "json");
        run.Out.ShouldBe("""
            {"host":"a","group":"web","program":"http","channel":"stdout","text":"say \"hi\""}
            {"host":"a","group":"web","program":"http","channel":"stdout","text":"rest"}

            """);
    }

    [Fact]
    public async Task A_line_without_end_is_shown_in_parts()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ => [Reached("a", "http"), .. Enumerable.Repeat(Text("http", new string('x', 30_000)), 5)];
        var run = await plane.RunAsync("logs", "web");
        run.Out.Split('\n').Select(l => l.Length).ShouldBe([65536 + 7, 65536 + 7, 150_000 - (2 * 65536) + 7, 0]);
    }

    [Fact]
    public async Task Followed_logs_go_on_where_a_lost_stream_ended_and_say_where_they_come_from()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var streams = 0;
        plane.Admin.OnTail = _ => ++streams switch
        {
            1 => Lost([Reached("a", "http"), Text("http", "1\nhal", offset: 5)]),
            2 => [Reached("a", "http"), Text("http", "f\n", offset: 7), Text("http", "cut", offset: 10), Reached("b", "http"), Text("http", "new\n", offset: 4)],
            _ => throw new RpcException(new(StatusCode.PermissionDenied, "the certificate was withdrawn")),
        };
        var run = await plane.RunAsync("logs", "-f", "web");
        run.Out.ShouldBe("http | 1\nhttp | half\nhttp | cut\nhttp | new\n");
        run.Error.ShouldContain("cannot do it now: it is shutting down; trying again until Ctrl-C");
        run.Error.ShouldContain("hactl: host b has taken over web from a (epoch 3): what follows was written there since\n");
        run.Error.ShouldEndWith("hactl: not allowed: the certificate was withdrawn\n");
        run.Code.ShouldBe(1);
        plane.Admin.Asked.Cast<TailLogsRequest>().Select(r => r.Resume.SingleOrDefault()).Select(r => (r?.Host, r?.Position.Offset))
            .ShouldBe([(null, null), ("a", 5), ("b", 4)]);
    }

    [Theory]
    [InlineData(StatusCode.NotFound, "no such process name; did you mean http?", "web:htp: ERROR (no such process name; did you mean http?)\n", 1)]
    [InlineData(StatusCode.FailedPrecondition, "no log file: its stdout_logfile is NONE", "web:htp: ERROR (no log file: its stdout_logfile is NONE)\n", 1)]
    [InlineData(StatusCode.Unavailable, "nobody owns web now", "nobody owns web now\n", 7)]
    public async Task What_cannot_be_read_is_told(StatusCode status, string detail, string error, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnTail = _ => throw new RpcException(new(status, detail));
        var run = await plane.RunAsync("tail", "-f", "web:htp");
        run.Error.ShouldEndWith(error);
        (run.Out, run.Code).ShouldBe(("", code));
    }

    [Theory]
    [InlineData("tail web", "hactl: web: name one program as GROUP:PROGRAM; those of a group together: hactl logs web\n")]
    [InlineData("tail web:*", "hactl: web:*: name one program as GROUP:PROGRAM; those of a group together: hactl logs web\n")]
    [InlineData("tail web:http -n 1000001", "hactl: -n 1000001: must be 0 to 1000000\n")]
    [InlineData("tail web:http stdin", "hactl: Argument 'stdin' not recognized. Must be one of: 'stdout' 'stderr'\n")]
    public async Task A_wrong_command_line_is_exit_code_2(string line, string error)
    {
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", line.Split(' '));
        run.Error.ShouldStartWith(error);
        run.Code.ShouldBe(2);
    }

    private static IEnumerable<TailLogsResponse> Lost(TailLogsResponse[] first)
    {
        foreach (var item in first)
            yield return item;
        throw new RpcException(new(StatusCode.Unavailable, "it is shutting down"));
    }

    private static TailLogsResponse Reached(string host, params string[] programs) => new()
    {
        Reached = new()
        {
            Host = host,
            Epoch = 3,
            Logs = { programs.Select(p => new ReachedLog { Program = p, Channel = LogChannel.Stdout, Position = new() }) },
        },
    };

    private static TailLogsResponse Text(string program, string text, LogChannel channel = LogChannel.Stdout, long offset = 0) => new()
    {
        Text = new() { Program = program, Channel = channel, Data = ByteString.CopyFromUtf8(text), Position = new() { File = "f", Offset = offset } },
    };

    private static TailLogsResponse Notice(LogNoticeKind kind, string message) => new() { Notice = new() { Kind = kind, Message = message } };
}
