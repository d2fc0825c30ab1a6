using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>What hactl does with what the guard demands: it shows what would be hit, and has the name said again.</summary>
public sealed class GuardCommandTests
{
    private const string Shown = """
        stop-group of web has to be confirmed (the standard of stop-group). It hits:
          web on a, epoch 3: 2 programs running (web:db, web:http); VIPs 10.0.0.100/24; 12 clients connected
          mail owned by nobody: nothing runs; no VIPs; clients unknown (its agent is too old)
          and 5 more groups
          b is behind
          in all: two programs

        """;

    [Theory]
    [InlineData("web\n", 0, "Type web to go on: ")]
    [InlineData(" web \n", 0, "Type web to go on: ")]
    [InlineData("yes\n", 2, "Type web to go on: hactl: not confirmed: nothing was done\n")]
    [InlineData("", 2, "Type web to go on: hactl: not confirmed: nothing was done\n")]
    public async Task At_a_terminal_the_name_is_asked_for(string typed, int code, string error)
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAnsweringAsync(typed, "stop", "web");
        (run.Code, run.Error).ShouldBe((code, Shown + error));
        plane.Admin.Confirmations.ShouldBe(code == 0 ? ["sealed"] : []);
        plane.Guard.Previewed.ShouldHaveSingleItem().Stop.Selectors.ShouldBe(["web"]);
    }

    [Theory]
    [InlineData("", "hactl: it must be confirmed: --yes web; nothing was done\n")]
    [InlineData("--yes mail", "hactl: --yes mail: must be web, for that is what it hits; nothing was done\n")]
    public async Task Without_a_terminal_and_without_the_name_nothing_is_done(string more, string error)
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync(["stop", "web", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        run.ShouldBe(new(2, "", Shown + error));
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Summary_and_notes_are_in_the_operators_language_and_English_where_they_are_not_known()
    {
        await using var plane = await StartAsync();
        var whole = plane.Guard.OnPreview!;
        plane.Guard.OnPreview = request =>
        {
            var seen = whole(request);
            seen.Summary = "2 running programs (web:db, web:http); the moon is full; b is not ready for web: user web:http: there is no user x";
            seen.SaidParts.Add(new SaidText { Text = "2 running programs (web:db, web:http)", Message = "{0} running programs ({1})", Values = { "2", "web:db, web:http" } });
            seen.SaidParts.Add(new SaidText { Text = "the moon is full", Message = "the moon is {0}", Values = { "full" } });
            seen.Notes[0] = "b is not ready for web: user web:http: there is no user x";
            seen.SaidNotes.Add(new SaidText { Text = seen.Notes[0], Message = "{0} is not ready for {1}: {2} {3}: {4}", Values = { "b", "web", "user", "web:http", "there is no user x" } });
            return seen;
        };
        var run = await plane.RunAsync("--lang", "zh", "stop", "web", "--yes", "web");
        run.Error.ShouldEndWith("""
              b 尚不能接管 web：user web:http：there is no user x
              合计：2 个运行中的程序（web:db, web:http）；the moon is full；b 尚不能接管 web：user web:http：there is no user x

            """);
        (await plane.RunAsync("stop", "web", "--yes", "web")).Error
            .ShouldEndWith("  in all: 2 running programs (web:db, web:http); the moon is full; b is not ready for web: user web:http: there is no user x\n");
    }

    [Fact]
    public async Task The_name_given_with_the_command_confirms_what_is_shown()
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync("stop", "web", "--yes=web", "-o", "json");
        run.Error.ShouldBe(Shown);
        run.Code.ShouldBe(0);
        plane.Admin.Confirmations.ShouldBe(["sealed"]);
    }

    [Fact]
    public async Task An_older_control_plane_and_what_is_allowed_ask_for_nothing()
    {
        await using var plane = await StartAsync();
        plane.Guard.OnPreview = _ => new() { Demand = GuardDemand.Allow };
        (await plane.RunAsync("stop", "web")).Error.ShouldBeEmpty();
        plane.Guard.OnPreview = null;
        (await plane.RunAsync("stop", "web")).Error.ShouldBeEmpty();
        plane.Admin.Confirmations.ShouldBe(["", ""]);
    }

    [Fact]
    public async Task What_has_changed_since_is_not_done_and_says_so()
    {
        await using var plane = await StartAsync();
        plane.Admin.OnStop = _ => throw new RpcException(new Status(StatusCode.FailedPrecondition, "it has changed"));
        (await plane.RunAsync("stop", "web", "--yes", "web")).ShouldBe(new(1, "", Shown + "hactl: refused: it has changed\n"));
        plane.Admin.Confirmations.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_call_that_is_demanded_to_be_confirmed_only_when_it_is_made_is_shown_then()
    {
        await using var plane = await StartAsync();
        plane.Admin.OnStart = _ => plane.Admin.Confirmations[^1].Length > 0
            ? new()
            : throw new RpcException(
                new Status(StatusCode.FailedPrecondition, "not confirmed"), new Metadata { { "hagrpc-preview-bin", Google.Protobuf.MessageExtensions.ToByteArray(Preview()) } });
        (await plane.RunAnsweringAsync("web\n", "start", "web")).ShouldBe(new(0, "", Shown + "Type web to go on: "));
        plane.Admin.Confirmations.ShouldBe(["", "sealed"]);
        plane.Guard.Previewed.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_approval_is_waited_for_when_that_is_wanted()
    {
        await using var plane = await StartAsync();
        plane.Guard.OnPreview = _ => Preview(GuardDemand.SecondApprover);
        var (isApproved, waited) = (false, new List<GetApprovalRequest>());
        plane.Admin.OnStop = _ => isApproved ? new() : throw new RpcException(
            new Status(StatusCode.FailedPrecondition, "hactl approve 7"), new Metadata { { "hagrpc-approval", "7" } });
        plane.Guard.OnApproval = request =>
        {
            waited.Add(request);
            isApproved = request.Wait;
            return new() { Id = 7, State = request.Wait ? ApprovalState.Approved : ApprovalState.Waiting };
        };
        var refused = await plane.RunAsync("stop", "web", "--yes", "web");
        (refused.Code, refused.Error.Contains("has to be confirmed, and approved by a second operator", StringComparison.Ordinal)).ShouldBe((1, true));
        refused.Error.ShouldEndWith("hactl: refused: hactl approve 7\n");
        waited.ShouldBeEmpty();

        var run = await plane.RunAsync("stop", "web", "--yes", "web", "--wait");
        (run.Code, run.Error.EndsWith("hactl: waits for approval 7\n", StringComparison.Ordinal)).ShouldBe((0, true));
        waited.ShouldBe([new() { Id = 7, Wait = true }]);
        isApproved = false;
        (await plane.RunAsync("stop", "web", "--approval", "7")).Error
            .ShouldBe("hactl: refused: approval 7 waits for a second operator: hactl approve 7; nothing was done\n");
    }

    [Fact]
    public async Task A_denial_is_told_with_its_reason()
    {
        await using var plane = await StartAsync();
        plane.Guard.OnPreview = _ => Preview(GuardDemand.SecondApprover, new() { Id = 7, State = ApprovalState.Waiting });
        plane.Guard.OnApproval = _ => new() { Id = 7, State = ApprovalState.Denied, DecidedBy = "bob", DecidedReason = "not now" };
        (await plane.RunAsync("stop", "web", "--wait")).ShouldBe(
            new(1, "", "hactl: waits for approval 7\nhactl: refused: approval 7 was denied by bob: not now; nothing was done\n"));
        (await plane.RunAsync("stop", "web")).Error.ShouldBe("hactl: refused: it waits for a second operator: hactl approve 7\n");
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_stopped_a_program_when_and_why_stands_in_its_line()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var at = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(FakeControlPlane.Time.GetUtcNow() - TimeSpan.FromHours(2));
        ProgramLine Line(string name, DesiredState desired, ProgramState state, string by, string reason) => new()
        {
            Program = new() { Group = "web", Name = name, DesiredState = desired },
            Host = "a",
            Status = new() { State = state, Since = at, Pid = 7 },
            Desired = new() { By = by, At = at, Reason = reason },
        };
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                Line("db", DesiredState.Stopped, ProgramState.Stopped, "CN=anna", "new disk"),
                Line("http", DesiredState.Running, ProgramState.Running, "CN=bob,O=x", "registered"),
                Line("late", DesiredState.Stopped, ProgramState.Running, "token/ci", ""),
                Line("once", DesiredState.Running, ProgramState.Exited, "CN=bob,O=x", "registered"),
            },
        };
        (await plane.RunAsync("status")).Out.ShouldBe("""
            web:db                           STOPPED   Nov 23 07:30 AM, host a, by anna 2 h ago: new disk
            web:http                         RUNNING   pid 7, uptime 2:00:00, host a
            web:late                         RUNNING   pid 7, uptime 2:00:00, host a, stopped by token/ci 2 h ago
            web:once                         EXITED    Nov 23 07:30 AM, host a

            """);
        (await plane.RunAsync("status", "-v")).Out.ShouldContain("uptime 2:00:00, host a, wanted to run by CN=bob,O=x 2 h ago: registered\n");
        (await plane.RunAsync("status", "-o", "json")).Out.ShouldContain(
            "\"desired_by\": \"CN=anna\",\n      \"desired_at\": \"2026-11-23T07:30:00.000000Z\",\n      \"desired_reason\": \"new disk\"");
    }

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Guard.OnPreview = _ => Preview();
        return plane;
    }

    private static PreviewResponse Preview(GuardDemand demand = GuardDemand.Confirm, Approval? approval = null) => new()
    {
        Act = "stop-group",
        Demand = demand,
        DemandedBy = "the standard of stop-group",
        Name = "web",
        Groups =
        {
            new GroupRadius { Group = "web", Owner = "a", Epoch = 3, Vips = { "10.0.0.100/24" }, Running = { "web:db", "web:http" }, RunningCount = 2, Clients = 12 },
            new GroupRadius { Group = "mail", ClientsProblem = "its agent is too old" },
        },
        GroupCount = 7,
        Notes = { "b is behind" },
        Summary = "two programs",
        Confirmation = "sealed",
        Approval = approval,
    };
}
