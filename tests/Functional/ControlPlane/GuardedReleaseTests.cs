using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What is demanded before an update, which is made in steps: it is shown, confirmed and approved as a whole.</summary>
public sealed class GuardedReleaseTests
{
    private const string Policy = "update of all groups by every role: confirm (set by 127.0.0.1 on ";

    [Fact]
    public async Task A_confirmation_counts_for_each_step_of_the_update_and_for_no_other()
    {
        await using var plane = await UpdateTests.StartAsync();
        await using var agent = await UpdateTests.OwnerAsync(plane, []);
        var release = new ReleaseService.ReleaseServiceClient(plane.Channel);
        await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "update", Demand = GuardDemand.Confirm });

        var refused = await Should.ThrowAsync<RpcException>(release.UpdateProcessesAsync(Step("/opt/r/2/w", "w0")).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Status.Detail.ShouldStartWith($"to bring out a new release of a program has to be confirmed ({Policy}");
        var shown = PreviewResponse.Parser.ParseFrom(refused.Trailers.GetValueBytes("hagrpc-preview-bin"));
        (shown.Act, shown.Name, shown.RunningPrograms).ShouldBe(("update", "web:w", 3), "all of it, whichever processes are named");
        shown.Groups.ShouldHaveSingleItem().Running.ShouldBe(["web:w0", "web:w1", "web:w2"]);
        shown.Notes.ShouldBe([.. Enumerable.Range(0, 3).Select(i => $"web:w{i} command: /opt/r/1/w {i} -> /opt/r/2/w {i}")]);
        shown.ValidFor.ToTimeSpan().ShouldBe(TimeSpan.FromHours(1));
        (await UpdateTests.CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));

        var confirmed = GuardTests.Confirmed(shown.Confirmation);
        foreach (var process in new[] { "w0", "w1" })
            (await release.UpdateProcessesAsync(Step("/opt/r/2/w", process), confirmed)).Errors.ShouldBeEmpty();
        var secret = Step("/opt/r/2/w", "w2");
        secret.Program.Environment.Add("LD_PRELOAD", "/tmp/x.so");
        foreach (var other in new[] { Step("/opt/r/3/w", "w2"), secret })
        {
            (await Should.ThrowAsync<RpcException>(release.UpdateProcessesAsync(other, confirmed).ResponseAsync)).Status.Detail
                .ShouldContain("the confirmation does not count: it is about something else");
        }
        (await UpdateTests.CommandsAsync(plane)).ShouldBe(["/opt/r/1/http", "/opt/r/2/w 0", "/opt/r/2/w 1", "/opt/r/1/w 2"]);
    }

    [Fact]
    public async Task Hactl_asks_once_before_the_first_step()
    {
        await using var plane = await UpdateTests.StartAsync();
        await using var agent = await UpdateTests.OwnerAsync(plane, []);
        await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "update", Demand = GuardDemand.Confirm });

        var without = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--to", "/opt/r/2", "--rolling", "2");

        without.Code.ShouldBe(2);
        without.Out.ShouldBe("");
        without.Error.ShouldStartWith("1. web:http\n2. web:w0, web:w1\n3. web:w2\nupdate of web:http has to be confirmed (");
        without.Error.ShouldContain("\nupdate of web:w has to be confirmed (");
        without.Error.ShouldEndWith("hactl: it must be confirmed: --yes web; nothing was done\n");
        (await UpdateTests.CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));
        var done = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--to", "/opt/r/2", "--rolling", "2", "--yes", "web");
        done.Code.ShouldBe(0, done.Error);
        (await UpdateTests.CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/2/", StringComparison.Ordinal));

        // Without a release it is a restart, of which the whole is shown, too.
        await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "restart", Demand = GuardDemand.Confirm });
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--rolling", "1")).Code.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--rolling", "1", "--yes", "web:w")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task One_approval_is_for_all_steps_and_for_the_way_back()
    {
        await using var plane = await UpdateTests.StartAsync();
        await using var agent = await UpdateTests.OwnerAsync(plane, []);
        var (root, _) = await GuardPolicyTests.OperatorsAsync(plane);
        var carol = await GuardPolicyTests.AddAsync(plane, root, "carol", OperatorRole.Admin);
        await GuardPolicyTests.SetAsync(plane, root, "update", GuardDemand.SecondApprover);
        string[] update = ["program", "update", "web:w", "--to", "/opt/r/bad", "--rolling", "1", "--rollback-on-failure", "--yes", "web:w"];

        var asked = await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, update);

        asked.Code.ShouldBe(1);
        asked.Error.ShouldContain("hactl: refused: a second operator has to approve (");
        var approval = (await GuardTests.Guard(plane).ListApprovalsAsync(new(), GuardPolicyTests.As(root))).Approvals.ShouldHaveSingleItem();
        (approval.Act, approval.Name).ShouldBe(("update", "web:w"));
        approval.Summary.ShouldContain("web:w0 command: /opt/r/1/w 0 -> /opt/r/bad/w 0");
        approval.Summary.ShouldEndWith("it may go back to command: /opt/r/1/w %(process_num)d");
        (await UpdateTests.CommandsAsync(plane, GuardPolicyTests.As(root))).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));

        await GuardTests.Guard(plane).ApproveAsync(new() { Id = approval.Id }, GuardPolicyTests.As(root));
        var back = await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, update);

        back.Error.ShouldEndWith("hactl: everything is on /opt/r/1 again\n");
        back.Code.ShouldBe(7);
        (await UpdateTests.CommandsAsync(plane, GuardPolicyTests.As(root))).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));
        // Another release is another act.
        var other = await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, "program", "update", "web:w", "--to", "/opt/r/2", "--yes", "web:w");
        (other.Code, other.Error.Contains("hactl approve 2", StringComparison.Ordinal)).ShouldBe((1, true), other.Error);
        (await Should.ThrowAsync<RpcException>(async () => await new ReleaseService.ReleaseServiceClient(plane.Channel)
            .UpdateProcessesAsync(Step("/opt/r/bad/w", "w0"), GuardPolicyTests.As(root)))).StatusCode.ShouldBe(StatusCode.FailedPrecondition, "it is carol's");
    }

    [Fact]
    public async Task What_is_demanded_of_an_apply_is_demanded_of_an_update()
    {
        await using var plane = await UpdateTests.StartAsync();
        await using var agent = await UpdateTests.OwnerAsync(plane, []);
        var (root, _) = await GuardPolicyTests.OperatorsAsync(plane);
        await GuardPolicyTests.SetAsync(plane, root, "apply", GuardDemand.Forbid, groups: "we*", reason: "frozen");

        var run = await Operator.RunAsTokenAsync(plane.GrpcUrl, root, "program", "update", "web:w", "--to", "/opt/r/2");

        run.Code.ShouldBe(1);
        run.Error.ShouldMatch(@"the policy forbids to bring out a new release of a program here: apply of we\* by every role: forbid \(set by .*: frozen\)");
        (await UpdateTests.CommandsAsync(plane, GuardPolicyTests.As(root))).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));
        using var audit = new AuditService.AuditServiceClient(plane.Channel)
            .ReadAudit(new() { Filter = new() { Call = "UpdateProcesses" } }, GuardPolicyTests.As(root));
        (await audit.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        audit.ResponseStream.Current.Entry.Result.ShouldBe("PERMISSION_DENIED");
    }

    private static UpdateProcessesRequest Step(string command, string process) => new()
    {
        Program = new()
        {
            Group = "web",
            Name = "w",
            Command = $"{command} %(process_num)d",
            Numprocs = 3,
            ProcessName = "w%(process_num)d",
        },
        Processes = { process },
    };
}
