using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What the control plane makes of a request for logs, with agents that answer as a test wants.</summary>
public sealed class TailCallTests
{
    private static readonly LogsOpened OneLog = new() { Logs = { new OpenedLog { Path = "/log", Position = new() { File = "f" } } } };

    [Theory]
    [InlineData("nope", "", 10, StatusCode.NotFound, "no such group")]
    [InlineData("wev", "", 10, StatusCode.NotFound, "no such group; did you mean web?")]
    [InlineData("web", "htp", 10, StatusCode.NotFound, "no such process name; did you mean http?")]
    [InlineData("web", "http", -1, StatusCode.InvalidArgument, "lines: -1 is not between 0 and 1000000")]
    [InlineData("web", "http", 10, StatusCode.Unavailable, "nobody owns web now")]
    public async Task What_nobody_can_read_is_said_at_once(string group, string program, int lines, StatusCode code, string detail)
    {
        await using var plane = await StartAsync();
        var refused = await RefusalAsync(plane, new() { Group = group, Program = program, Lines = lines });
        (refused.StatusCode, refused.Status.Detail).ShouldBe((code, detail));
    }

    [Fact]
    public async Task An_agent_that_does_not_know_the_request_is_named_with_its_version()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a", sendsLogs: false);
        var refused = await RefusalAsync(plane, new() { Group = "web", Program = "http" });
        (refused.StatusCode, refused.Status.Detail).ShouldBe((StatusCode.FailedPrecondition,
            "the agent of host a (0.1.0) is too old to send logs: upgrade it, or read the file there"));
    }

    [Fact]
    public async Task An_owner_that_went_away_is_named_or_waited_for()
    {
        await using var plane = await StartAsync();
        var agent = await OwnerAsync(plane, "a");
        await agent.DisposeAsync();
        await plane.DetachedAsync("a");
        var refused = await RefusalAsync(plane, new() { Group = "web", Program = "http" });
        (refused.StatusCode, refused.Status.Detail).ShouldBe((StatusCode.Unavailable, "host a, which owns web, is not connected"));

        using var follow = plane.Admin.TailLogs(new() { Group = "web", Program = "http", Follow = true });
        var notice = (await NextAsync(follow)).Notice;
        (notice.Kind, notice.Message).ShouldBe((LogNoticeKind.Away, "host a, which owns web, is not connected; waiting"));
    }

    [Fact]
    public async Task An_agents_refusal_and_logs_that_are_none_end_the_call()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a");
        var first = RefusalAsync(plane, new() { Group = "web", Program = "http" });
        var wanted = (await agent.LogQuestionAsync()).LogWanted;
        await agent.SendAsync(new() { LogRefused = new() { Id = wanted.Id, Reason = "read by 16 already" } });
        ((await first).StatusCode, (await first).Status.Detail).ShouldBe((StatusCode.Unavailable, "read by 16 already"));

        var second = RefusalAsync(plane, new() { Group = "web", Program = "http", Channel = LogChannel.Stderr, Follow = true });
        using var sending = await agent.SendLogsAsync(
            (await agent.LogQuestionAsync()).LogWanted, new() { Logs = { new OpenedLog { Problem = "no log file: its stderr_logfile is NONE" } } });
        ((await second).StatusCode, (await second).Status.Detail).ShouldBe(
            (StatusCode.FailedPrecondition, "no log file: its stderr_logfile is NONE"));
    }

    [Fact]
    public async Task Of_a_group_only_programs_without_any_log_and_files_that_cannot_be_read_are_told()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a");
        using var call = plane.Admin.TailLogs(new() { Group = "web", Lines = 10 });
        var wanted = (await agent.LogQuestionAsync()).LogWanted;
        wanted.Logs.Select(l => (l.Program, l.Channel)).ShouldBe(
            [("db", LogChannel.Stdout), ("db", LogChannel.Stderr), ("http", LogChannel.Stdout), ("http", LogChannel.Stderr)]);
        using var sending = await agent.SendLogsAsync(wanted, new()
        {
            Logs =
            {
                new OpenedLog { Problem = "no stdout" }, new OpenedLog { Problem = "no stderr" },
                new OpenedLog { Path = "/log", Position = new() { File = "f" } }, new OpenedLog { Path = "/err", Problem = "Permission denied" },
            },
        });
        (await NextAsync(call)).Reached.Logs.Where(l => l.Position is not null).Select(l => l.Program).ShouldBe(["http"]);
        (await NextAsync(call)).Notice.Message.ShouldBe("web:db: no stdout");
        (await NextAsync(call)).Notice.Message.ShouldBe("web:http: Permission denied");
    }

    [Fact]
    public async Task Nobody_sends_what_he_was_not_asked_for()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a");
        using var call = plane.Admin.TailLogs(new() { Group = "web", Program = "http" });
        var wanted = (await agent.LogQuestionAsync()).LogWanted;
        foreach (var other in new LogsOpened[] { new() { Host = "b" }, new() { InstanceId = Guid.NewGuid().ToString() } })
        {
            using var wrong = await agent.SendLogsAsync(wanted, other);
            (await Should.ThrowAsync<RpcException>(() => wrong.Call.ResponseAsync)).StatusCode.ShouldBe(StatusCode.NotFound);
        }
        using var right = await agent.SendLogsAsync(wanted, OneLog.Clone());
        (await NextAsync(call)).Reached.Host.ShouldBe("a");
        using var twice = await agent.SendLogsAsync(wanted, OneLog.Clone());
        (await Should.ThrowAsync<RpcException>(() => twice.Call.ResponseAsync)).StatusCode.ShouldBe(StatusCode.NotFound);
        await right.TextAsync("line\n");
        await right.FinishAsync();
        (await NextAsync(call)).Text.Data.ToStringUtf8().ShouldBe("line\n");
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_operator_who_has_enough_ends_the_agents_call()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a");
        var call = plane.Admin.TailLogs(new() { Group = "web", Program = "http", Follow = true });
        using var sending = await agent.SendLogsAsync((await agent.LogQuestionAsync()).LogWanted, OneLog.Clone());
        (await NextAsync(call)).Reached.Host.ShouldBe("a");
        call.Dispose();
        await sending.Call.ResponseAsync.WaitAsync(Until.Bound);
    }

    [Fact]
    public async Task The_last_words_of_the_former_owner_come_before_the_next_owners_first()
    {
        await using var plane = await StartAsync();
        await using var a = await OwnerAsync(plane, "a");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, HelloOf("b"), null);
        b.KeepBeating();
        using var call = plane.Admin.TailLogs(new() { Group = "web", Program = "http", Channel = LogChannel.Stdout, Lines = 5, Follow = true });
        var first = (await a.LogQuestionAsync()).LogWanted;
        first.Logs.ShouldHaveSingleItem().Lines.ShouldBe(5);
        using var ofA = await a.SendLogsAsync(first, OneLog.Clone());
        (await NextAsync(call)).Reached.Host.ShouldBe("a");

        await Until.HoldsAsync(
            async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single().Obstacle.Length == 0, "b is ready");
        using var switchover = plane.Admin.SwitchoverAsync(new() { Group = "web" });
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Phase == "Releasing", "a is asked");
        await a.ReleaseAsync("web");
        (await a.LogQuestionAsync()).LogEnough.Id.ShouldBe(first.Id);
        await ofA.TextAsync("bye\n");
        await ofA.FinishAsync();
        (await NextAsync(call)).Text.Data.ToStringUtf8().ShouldBe("bye\n");

        var second = (await b.LogQuestionAsync()).LogWanted;
        second.Logs.ShouldHaveSingleItem().Epoch.ShouldBe(2);
        using var ofB = await b.SendLogsAsync(second, OneLog.Clone());
        var reached = (await NextAsync(call)).Reached;
        (reached.Host, reached.Epoch).ShouldBe(("b", 2));
    }

    [Fact]
    public async Task A_reader_that_lost_its_stream_goes_on_where_it_was_on_the_host_that_it_read()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, "a");
        var request = new TailLogsRequest
        {
            Group = "web",
            Program = "http",
            Channel = LogChannel.Stdout,
            Follow = true,
            Resume = { new LogResume { Program = "http", Channel = LogChannel.Stdout, Host = "a", Epoch = 1, Position = new() { File = "f", Offset = 7 } } },
        };
        using (plane.Admin.TailLogs(request))
            (await WantedAsync()).Logs.Single().Position.ShouldBe(new() { File = "f", Offset = 7 });
        request.Resume[0].Host = "b";
        using (plane.Admin.TailLogs(request))
            (await WantedAsync()).Logs.Single().Epoch.ShouldBe(1);

        // That the first one has enough may be told in between.
        async Task<LogWanted> WantedAsync()
        {
            AttachResponse question;
            do
                question = await agent.LogQuestionAsync();
            while (question.LogWanted is null);
            return question.LogWanted;
        }
    }

    private static async Task<InProcessPlane> StartAsync()
    {
        var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        return plane;
    }

    private static Hello HelloOf(string host, bool sendsLogs = true)
    {
        var hello = AgentDouble.HelloOf(host);
        hello.SendsLogs = sendsLogs;
        return hello;
    }

    private static async Task<AgentDouble> OwnerAsync(InProcessPlane plane, string host, bool sendsLogs = true)
    {
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, HelloOf(host, sendsLogs), null);
        await agent.OwnAsync("web");
        return agent;
    }

    private static async Task<TailLogsResponse> NextAsync(AsyncServerStreamingCall<TailLogsResponse> call)
    {
        (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound)).ShouldBeTrue();
        return call.ResponseStream.Current;
    }

    private static async Task<RpcException> RefusalAsync(InProcessPlane plane, TailLogsRequest request)
    {
        using var call = plane.Admin.TailLogs(request);
        return await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound));
    }
}
