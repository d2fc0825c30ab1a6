using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What admins demand before which act, and second operators.</summary>
public sealed class GuardPolicyTests
{
    private static readonly StopProgramsRequest StopWeb = new() { Selectors = { "web" }, NoWait = true };

    [Fact]
    public async Task A_rule_forbids_an_act_to_a_role_for_some_groups()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        var (root, ops) = await OperatorsAsync(plane);
        (await Operator.RunAsync(plane.GrpcUrl, "policy", "set", "stop", "forbid", "--role", "operator", "--groups", "we*", "--reason", "peak season")).Code
            .ShouldBe(1, "nobody is recognised without a token");
        await SetAsync(plane, root, "stop", GuardDemand.Forbid, OperatorRole.Operator, "we*", "peak season");

        var refused = await Should.ThrowAsync<RpcException>(
            async () => await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }, As(ops)));
        refused.StatusCode.ShouldBe(StatusCode.PermissionDenied);
        refused.Status.Detail.ShouldMatch(@"^the policy forbids to stop programs here: stop of we\* by operator: forbid \(set by token/root on \d{4}-\d\d-\d\d: peak season\)$");
        var preview = await GuardTests.Guard(plane).PreviewAsync(new() { Stop = StopWeb }, As(ops));
        (preview.Act, preview.Demand, preview.Confirmation).ShouldBe(("stop-group", GuardDemand.Forbid, ""), "the graver form is forbidden with it");
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }, As(root));
        (await Should.ThrowAsync<RpcException>(async () => await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "stop", Demand = GuardDemand.Allow }, As(ops))))
            .StatusCode.ShouldBe(StatusCode.PermissionDenied, "only admins set it");
        var policy = await GuardTests.Guard(plane).GetPolicyAsync(new(), As(ops));
        policy.Rules.Select(r => (r.Act, r.Role, r.Groups, r.Demand, r.SetBy, r.Reason)).ShouldBe(
            [("stop", OperatorRole.Operator, "we*", GuardDemand.Forbid, "token/root", "peak season")]);

        await SetAsync(plane, root, "stop", GuardDemand.Unspecified, OperatorRole.Operator, "we*");
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }, As(ops));
        (await Should.ThrowAsync<RpcException>(() => SetAsync(plane, root, "stop", GuardDemand.Unspecified, OperatorRole.Operator, "we*"))).StatusCode
            .ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task A_rule_of_a_newer_control_plane_does_not_keep_this_one_from_judging()
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-policy-");
        try
        {
            var file = Path.Combine(folder.FullName, "plane.db");
            await using var plane = await InProcessPlane.StartLeadingAsync($"--sqlite={file}");
            await using var a = await GuardTests.OwnerAsync(plane);
            await SetRuleAsync("Teleport");

            // What it knows it does, and demands: every judgement reads the whole policy.
            await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true });
            (await Should.ThrowAsync<RpcException>(async () => await plane.Admin.StopProgramsAsync(StopWeb))).StatusCode.ShouldBe(StatusCode.FailedPrecondition);
            (await GuardTests.Guard(plane).GetPolicyAsync(new())).Rules.ShouldBeEmpty();
            plane.Log().Count(l => l == "Warning the policy has a rule for Teleport, which this version does not know: it stays, and does not count here")
                .ShouldBe(1);
            (await Operator.RunAsync(plane.GrpcUrl, "policy", "set", "teleport", "forbid")).Error.ShouldContain("act: 'teleport' is none of start, stop");
            (await CountAsync("Teleport")).ShouldBe(1L, "it stays for the newer one");

            async Task SetRuleAsync(string act) => await AskAsync(
                $"insert into guard_rule (act, role, groups, demand, set_by, set_at, reason) values ('{act}', '', '*', 'Forbid', 'eve', '2030-01-01T00:00:00.000000Z', '')");

            async Task<object?> CountAsync(string act) => await AskAsync($"select count(*) from guard_rule where act = '{act}'");

            async Task<object?> AskAsync(string sql)
            {
                await using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=false");
                await database.OpenAsync(TestContext.Current.CancellationToken);
                await using var command = database.CreateCommand();
                command.CommandText = sql;
                return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_rule_may_also_demand_less_or_ask_for_what_is_done_every_day()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        (await Operator.RunAsync(plane.GrpcUrl, "policy", "set", "stop-group", "allow", "--groups", "we*")).Out.ShouldBe("stop-group of we* by every role: allow\n");
        (await plane.Admin.StopProgramsAsync(StopWeb)).Results.Count.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "policy", "set", "start", "confirm")).Code.ShouldBe(0);
        var asked = await Operator.RunAsync(plane.GrpcUrl, "start", "web", "--no-wait");
        asked.Code.ShouldBe(2);
        asked.Error.ShouldStartWith("start of web has to be confirmed (start of all groups by every role: confirm (set by 127.0.0.1 on ");
        (await Operator.RunAsync(plane.GrpcUrl, "start", "web", "--no-wait", "--yes", "web")).Code.ShouldBe(0);
        var shown = await Operator.RunAsync(plane.GrpcUrl, "policy", "show");
        shown.Out.ShouldContain("\nstop-group ");
        shown.Out.ShouldMatch(@"\nstart +every  \*       confirm  127\.0\.0\.1");
        foreach (var (arguments, error) in new[]
        {
            ("nope allow", "act: 'nope' is none of start, stop, stop-group"),
            ("policy forbid", "demand: forbid is not possible for policy"),
            ("stop second-approver", "demand: second-approver needs two operators who are admins of all groups"),
        })
        {
            var wrong = await Operator.RunAsync(plane.GrpcUrl, ["policy", "set", .. arguments.Split(' ')]);
            (wrong.Code, wrong.Error.StartsWith($"hactl: {error}", StringComparison.Ordinal)).ShouldBe((2, true), wrong.Error);
        }
    }

    [Fact]
    public async Task With_a_second_approver_another_operator_decides_and_it_is_done_once()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        var (root, ops) = await OperatorsAsync(plane);
        var other = await AddAsync(plane, root, "other", OperatorRole.Operator, "mail");
        await SetAsync(plane, root, "stop-group", GuardDemand.SecondApprover);
        var guard = GuardTests.Guard(plane);

        (await RefusalAsync(plane, ops)).Trailers.GetValue("hagrpc-approval").ShouldBeNull("what it hits is confirmed first");
        (await guard.ListApprovalsAsync(new(), As(root))).Approvals.ShouldBeEmpty();
        var preview = await guard.PreviewAsync(new() { Stop = StopWeb }, As(ops));
        var asked = await RefusalAsync(plane, ops, preview.Confirmation);
        asked.Status.Detail.ShouldStartWith("a second operator has to approve (stop-group of all groups by every role: second-approver (set by token/root on ");
        asked.Trailers.GetValue("hagrpc-approval").ShouldBe("1");
        (await RefusalAsync(plane, ops, preview.Confirmation)).Trailers.GetValue("hagrpc-approval").ShouldBe("1", "it waits already");
        var waiting = (await guard.ListApprovalsAsync(new(), As(root))).Approvals.ShouldHaveSingleItem();
        (waiting.Id, waiting.Act, waiting.Name, waiting.RequestedBy, waiting.State).ShouldBe((1, "stop-group", "web", "ops", ApprovalState.Waiting));
        waiting.Summary.ShouldStartWith("1 running program (web:http); ");

        (await DecisionAsync(() => guard.ApproveAsync(new() { Id = 1 }, As(ops)))).ShouldBe("you have asked for approval 1 yourself: another operator has to decide");
        (await DecisionAsync(() => guard.ApproveAsync(new() { Id = 1 }, As(other)))).ShouldBe("id: there is no request for approval 1 (hactl approvals)", "it is about groups that are not theirs");
        (await guard.ListApprovalsAsync(new(), As(other))).Approvals.ShouldBeEmpty();
        var answer = guard.GetApprovalAsync(new() { Id = 1, Wait = true }, As(ops));
        (await guard.ApproveAsync(new() { Id = 1, Reason = "go" }, As(root))).Approval.DecidedBy.ShouldBe("root");
        (await answer).Approval.State.ShouldBe(ApprovalState.Approved);
        (await DecisionAsync(() => guard.DenyAsync(new() { Id = 1 }, As(root)))).ShouldBe("approval 1 is approved already, by root");

        (await RefusalAsync(plane, root)).Trailers.GetValue("hagrpc-approval").ShouldBeNull("it is no one else's");
        (await plane.Admin.StopProgramsAsync(StopWeb, As(ops))).Results.Count.ShouldBe(2);
        (await RefusalAsync(plane, ops)).StatusCode.ShouldBe(StatusCode.FailedPrecondition, "it is used");
        using var audit = new AuditService.AuditServiceClient(plane.Channel).ReadAudit(new() { Filter = new() { Call = "StopPrograms", Result = "OK" } }, As(root));
        (await audit.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        audit.ResponseStream.Current.Entry.Changes.ShouldContain("\"object\":\"approval/1\"");
    }

    [Fact]
    public async Task What_is_denied_or_hits_something_else_by_then_is_not_done()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        var (root, ops) = await OperatorsAsync(plane);
        await SetAsync(plane, root, "stop-group", GuardDemand.SecondApprover);
        var guard = GuardTests.Guard(plane);
        await RefusalAsync(plane, ops, (await guard.PreviewAsync(new() { Stop = StopWeb }, As(ops))).Confirmation);
        (await guard.DenyAsync(new() { Id = 1, Reason = "not now" }, As(root))).Approval.State.ShouldBe(ApprovalState.Denied);
        await RefusalAsync(plane, ops);

        await RefusalAsync(plane, ops, (await guard.PreviewAsync(new() { Stop = StopWeb }, As(ops))).Confirmation);
        await guard.ApproveAsync(new() { Id = 2 }, As(root));
        await plane.Admin.ApplyAsync(new() { Programs = { Models.Program("web", "third") } }, As(root));
        (await RefusalAsync(plane, ops)).Status.Detail.ShouldContain(" has to be confirmed (");
    }

    [Fact]
    public async Task An_approval_of_somebody_who_was_sent_away_since_counts_no_more()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        var (root, ops) = await OperatorsAsync(plane);
        await SetAsync(plane, root, "stop-group", GuardDemand.SecondApprover);
        var guard = GuardTests.Guard(plane);
        await RefusalAsync(plane, ops, (await guard.PreviewAsync(new() { Stop = StopWeb }, As(ops))).Confirmation);
        var gone = await AddAsync(plane, root, "gone", OperatorRole.Operator);
        await guard.ApproveAsync(new() { Id = 1 }, As(gone));
        await new AccessService.AccessServiceClient(plane.Channel).RemoveOperatorAsync(new() { Name = "gone" }, As(root));
        await RefusalAsync(plane, ops);
    }

    [Fact]
    public async Task Hactl_waits_for_the_approval_and_goes_on()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane);
        var (root, ops) = await OperatorsAsync(plane);
        await SetAsync(plane, root, "stop-group", GuardDemand.SecondApprover);
        string url = plane.GrpcUrl;
        var refused = await Operator.RunAsTokenAsync(url, ops, "stop", "web", "--no-wait", "--yes", "web");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("hactl: refused: a second operator has to approve (");
        (await Operator.RunAsTokenAsync(url, root, "approvals")).Out.ShouldContain("\n1   waiting  stop-group  web  ops ");

        var waiting = Operator.RunAsTokenAsync(url, ops, "stop", "web", "--no-wait", "--yes", "web", "--wait");
        (await Operator.RunAsTokenAsync(url, root, "approve", "1", "--reason", "go")).Out
            .ShouldBe("stop-group of web by ops: approval 1 was given by root: go\n");
        (await waiting).Code.ShouldBe(0);
        (await Operator.RunAsTokenAsync(url, ops, "stop", "web", "--approval", "1", "--yes", "web")).Error
            .ShouldBe("hactl: refused: approval 1 has been used already; nothing was done\n");
        (await Operator.RunAsTokenAsync(url, root, "approvals", "--all")).Out.ShouldContain("\n1   used ");
    }

    internal static CallOptions As(string token) => new(new Metadata { { "authorization", $"Bearer {token}" } });

    internal static async Task<(string Root, string Ops)> OperatorsAsync(InProcessPlane plane)
    {
        var root = await AddAsync(plane, null, "root", OperatorRole.Admin);
        _ = await AddAsync(plane, root, "boss", OperatorRole.Admin);
        return (root, await AddAsync(plane, root, "ops", OperatorRole.Operator));
    }

    internal static async Task<string> AddAsync(InProcessPlane plane, string? by, string name, OperatorRole role, params string[] groups)
    {
        var request = new AddOperatorRequest { Name = name, Role = role, ByToken = true };
        request.Groups.AddRange(groups);
        return (await new AccessService.AccessServiceClient(plane.Channel).AddOperatorAsync(request, by is null ? new() : As(by))).Token;
    }

    internal static Task<SetPolicyResponse> SetAsync(
        InProcessPlane plane, string by, string act, GuardDemand demand, OperatorRole role = OperatorRole.Unspecified, string groups = "", string reason = "") =>
        GuardTests.Guard(plane).SetPolicyAsync(new() { Act = act, Demand = demand, Role = role, Groups = groups, Reason = reason }, As(by)).ResponseAsync;

    private static async Task<RpcException> RefusalAsync(InProcessPlane plane, string token, string? confirmation = null)
    {
        var options = confirmation is null ? As(token) : GuardTests.Confirmed(confirmation, token);
        var refused = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.StopProgramsAsync(StopWeb, options));
        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition, refused.Status.Detail);
        (await plane.Admin.ListProgramsAsync(new(), options)).Programs.Count.ShouldBeGreaterThan(0);
        return refused;
    }

    private static async Task<string> DecisionAsync<T>(Func<AsyncUnaryCall<T>> decide) =>
        (await Should.ThrowAsync<RpcException>(async () => await decide())).Status.Detail;
}
