using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Guard;
using HaGrpc.Core.Guard;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using GuardDemand = HaGrpc.V1.GuardDemand;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Dangerous acts: nobody does one without having seen what it hits, whatever client they use.</summary>
public sealed class GuardTests
{
    private static readonly StopProgramsRequest StopWeb = new() { Selectors = { "web" }, NoWait = true };

    [Fact]
    public async Task A_stop_of_a_whole_group_is_refused_until_what_it_hits_is_confirmed()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await OwnerAsync(plane, clients: 12);

        var refused = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.StopProgramsAsync(StopWeb));
        refused.Status.ShouldBe(new(
            StatusCode.FailedPrecondition,
            "to stop a whole group or more has to be confirmed (the standard of stop-group), and was not; nothing was done. "
                + "web: 1 running program (web:http); VIP 10.0.0.100/24; host a; 12 clients connected"));
        (await WantedAsync(plane)).ShouldBe(DesiredState.Running);
        var shown = PreviewResponse.Parser.ParseFrom(refused.Trailers.GetValueBytes("hagrpc-preview-bin"));
        (shown.Act, shown.Name, shown.Demand, shown.RunningPrograms).ShouldBe(("stop-group", "web", GuardDemand.Confirm, 1));
        var group = shown.Groups.ShouldHaveSingleItem();
        (group.Owner, group.Epoch, group.Clients, group.OtherCount).ShouldBe(("a", 1, 12, 1));

        (await plane.Admin.StopProgramsAsync(StopWeb, Confirmed(shown.Confirmation))).Results.Count.ShouldBe(2);
        (await WantedAsync(plane)).ShouldBe(DesiredState.Stopped);
    }

    [Fact]
    public async Task A_confirmation_counts_for_one_call_of_one_thing_and_while_it_hits_the_same()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await OwnerAsync(plane);
        var confirmation = (await Guard(plane).PreviewAsync(new() { Stop = StopWeb })).Confirmation;

        (await RefusalAsync(plane, new() { Selectors = { "all" } }, confirmation)).ShouldContain("does not count: it is about something else");
        (await RefusalAsync(plane, StopWeb, confirmation[..^2] + "AA")).ShouldContain("does not count: ");
        (await RefusalAsync(plane, StopWeb, "nonsense")).ShouldContain("does not count: it is none of this control plane");
        await RunsAsync(a, "http", "db");
        await Until.HoldsAsync(async () => (await Guard(plane).PreviewAsync(new() { Stop = StopWeb })).RunningPrograms == 2, "another program is up");
        (await RefusalAsync(plane, StopWeb, confirmation)).ShouldEndWith(
            "what it would hit has changed since; nothing was done. web: 2 running programs (web:db, web:http); VIP 10.0.0.100/24; host a; clients unknown",
            Case.Sensitive, "with what it would hit now");
        (await WantedAsync(plane)).ShouldBe(DesiredState.Running);

        // Why it is done, and whether it is waited for, makes no difference to what it hits.
        var again = await Guard(plane).PreviewAsync(new() { Stop = StopWeb });
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web" }, Reason = "new disk", NoWait = true }, Confirmed(again.Confirmation));
    }

    [Fact]
    public async Task What_is_named_one_by_one_is_done_at_once_and_what_is_wrong_says_so_itself()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await OwnerAsync(plane);
        (await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true })).Results.Count.ShouldBe(1);
        (await plane.Admin.RestartProgramsAsync(new() { Selectors = { "web" }, NoWait = true })).Results.Count.ShouldBe(2);
        (await plane.Admin.StopProgramsAsync(new() { Selectors = { "nope" } })).Results.Single().Outcome.ShouldBe(ProgramOutcome.NoSuchGroup);
        (await Guard(plane).PreviewAsync(new() { Stop = new() { Selectors = { "web:http" } } })).Demand.ShouldBe(GuardDemand.Allow);
        (await Should.ThrowAsync<RpcException>(async () => await Guard(plane).PreviewAsync(new()))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
        foreach (var dangerous in new Func<Task>[]
        {
            async () => await plane.Admin.RestartProgramsAsync(new() { Selectors = { "all" } }),
            async () => await plane.Admin.UnlockAsync(new() { Target = new() { Scope = LockScope.Everything } }),
            async () => await plane.Admin.FenceAsync(new() { Host = "a", ConfirmOff = true }),
        })
        {
            (await Should.ThrowAsync<RpcException>(dangerous)).Status.Detail.ShouldContain(" has to be confirmed (the standard of ");
        }
    }

    [Fact]
    public void Every_guarded_call_can_be_looked_at_before_it_is_made()
    {
        var calls = GuardedActs.All.SelectMany(a => a.Calls).Distinct().ToArray();
        calls.ShouldNotBeEmpty();
        foreach (var call in calls)
        {
            OperatorCalls.Names.ShouldContain(call);
            var parts = call.Split('/');
            var input = new[] { AdminService.Descriptor, RegistryService.Descriptor, AccessService.Descriptor, GuardService.Descriptor, ReleaseService.Descriptor, AdoptionService.Descriptor, IdentityService.Descriptor }
                .Single(s => s.Name == parts[0]).FindMethodByName(parts[1]).InputType;
            var field = PreviewRequest.Descriptor.Fields.InDeclarationOrder().Where(f => f.MessageType == input).ShouldHaveSingleItem(call);
            var request = new PreviewRequest();
            field.Accessor.SetValue(request, input.Parser.ParseFrom([]));
            PreviewedCall.Of(request).ShouldNotBeNull(call).Call.Name.ShouldBe(call);
        }
        PreviewRequest.Descriptor.Fields.InDeclarationOrder().Count.ShouldBe(calls.Length);
    }

    [Fact]
    public async Task A_switchover_to_a_backup_that_is_not_ready_says_why_it_is_not()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await OwnerAsync(plane);
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        await b.BeatAsync();
        b.KeepBeating();
        (await Guard(plane).PreviewAsync(new() { Switchover = new() { Group = "web" } })).Demand.ShouldBe(GuardDemand.Allow, "nothing is known against it");
        await b.SendAsync(new()
        {
            ReadinessReport = new()
            {
                Complete = true,
                Groups = { new GroupReadiness { Group = "web", Score = 50, Failing = { new Finding { What = "user", Subject = "web:http", Verdict = Verdict.Fails, Value = "there is no user x" } } } },
            },
        });
        PreviewResponse seen = new();
        await Until.HoldsAsync(
            async () => (seen = await Guard(plane).PreviewAsync(new() { Switchover = new() { Group = "web" } })).Demand == GuardDemand.Confirm, "it is known");
        (seen.Act, string.Join(';', seen.Notes)).ShouldBe(("switchover-unready", "b is not ready for web: user web:http: there is no user x"));
        seen.SaidNotes.ShouldHaveSingleItem().ShouldBe(new SaidText
        {
            Text = seen.Notes[0],
            Message = "{0} is not ready for {1}: {2} {3}: {4}",
            Values = { "b", "web", "user", "web:http", "there is no user x" },
        });
        string.Join("; ", seen.SaidParts.Concat(seen.SaidNotes).Select(s => s.Text)).ShouldBe(seen.Summary);
        var run = await Operator.RunAsync(plane.GrpcUrl, "switchover", "web");
        run.Code.ShouldBe(2);
        run.Error.ShouldContain("  b is not ready for web: user web:http: there is no user x\n");
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Owner.ShouldBe("a");
    }

    [Fact]
    public async Task Hactl_shows_it_and_wants_the_name_again()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await OwnerAsync(plane, clients: 1);
        var without = await Operator.RunAsync(plane.GrpcUrl, "stop", "web", "--no-wait");
        without.ShouldBe(new(2, "", """
            stop-group of web has to be confirmed (the standard of stop-group). It hits:
              web on a, epoch 1: 1 program running (web:http); VIPs 10.0.0.100/24; 1 client connected
              in all: 1 running program (web:http); VIP 10.0.0.100/24; host a; 1 client connected
            hactl: it must be confirmed: --yes web; nothing was done

            """));
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web", "--no-wait", "--yes", "mail")).Error
            .ShouldEndWith("hactl: --yes mail: must be web, for that is what it hits; nothing was done\n");
        (await WantedAsync(plane)).ShouldBe(DesiredState.Running);
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web", "--no-wait", "--yes=web")).Code.ShouldBe(0);
        (await WantedAsync(plane)).ShouldBe(DesiredState.Stopped);

        await Operator.RunAsync(plane.GrpcUrl, "lock", "--all");
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "--all")).Error.ShouldContain("  1 group to move by themselves again\n");
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "--all", "--yes", "all")).Out.ShouldStartWith("everything: may move again");
    }

    [Fact]
    public async Task Who_stopped_it_when_and_why_is_told_wherever_the_group_goes()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var a = await OwnerAsync(plane, isMortal: true);
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:http", "--no-wait", "--reason", "it eats the disk")).Code.ShouldBe(0);

        await a.DisposeAsync();
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "b" }, "b owns it");
        await b.SendAsync(new() { ProgramReport = new() { Complete = true } });
        var run = await Operator.RunAsync(plane.GrpcUrl, "status", "web:http");
        await Until.HoldsAsync(
            async () => (run = await Operator.RunAsync(plane.GrpcUrl, "status", "web:http")).Out.Contains(" STOPPED ", StringComparison.Ordinal), "its report is known");
        run.Out.TrimEnd().ShouldMatch(@"^web:http +STOPPED +Not started, host b, by 127\.0\.0\.1:\d+ \d+ s ago: it eats the disk$");
        (await Operator.RunAsync(plane.GrpcUrl, "status", "web:db")).Out.ShouldNotContain(" ago");
        (await Operator.RunAsync(plane.GrpcUrl, "status", "web:db", "-v")).Out.ShouldMatch(@"wanted to run by 127\.0\.0\.1:\d+ \d+ s ago: registered");
        var line = (await plane.Admin.ListProgramsAsync(new() { Selectors = { "web:http" } })).Programs.Single();
        (line.Desired.Reason, line.Desired.At.ToDateTimeOffset() <= TimeProvider.System.GetUtcNow()).ShouldBe(("it eats the disk", true));
    }

    internal static GuardService.GuardServiceClient Guard(InProcessPlane plane) => new(plane.Channel);

    internal static CallOptions Confirmed(string confirmation, string? token = null)
    {
        var metadata = new Metadata { { "hagrpc-confirmation", confirmation } };
        if (token is not null)
            metadata.Add("authorization", $"Bearer {token}");
        return new(metadata);
    }

    /// <summary>Registers web with a VIP, owned by a, where http runs and db does not.</summary>
    internal static async Task<AgentDouble> OwnerAsync(InProcessPlane plane, int? clients = null, bool isMortal = false)
    {
        var web = Models.Web();
        web.Groups[0].Vips.Add(new Vip { Address = "10.0.0.100/24", Interface = "eth0" });
        await plane.ApplyAsync(web);
        var hello = AgentDouble.HelloOf("a");
        hello.CountsClients = clients is not null;
        var a = isMortal ? await AgentDouble.AttachMortalAsync(plane.GrpcUrl, "a") : await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        a.OnClients = group => new() { Group = group, Count = clients ?? 0 };
        await a.OwnAsync("web");
        await RunsAsync(a, "http");
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListProgramsAsync(new())).Programs.Count(p => p.Status?.State == ProgramState.Running) == 1, "http runs");
        return a;
    }

    private static Task RunsAsync(AgentDouble agent, params string[] programs)
    {
        var report = new ProgramReport { Complete = true };
        report.Programs.AddRange(programs.Select(name => new ProgramStatus
        {
            Group = "web",
            Name = name,
            State = ProgramState.Running,
            Pid = 42,
            Since = TimeProvider.System.GetUtcNow().ToTimestamp(),
        }));
        return agent.SendAsync(new() { ProgramReport = report });
    }

    private static async Task<DesiredState> WantedAsync(InProcessPlane plane) =>
        (await plane.Admin.ListProgramsAsync(new() { Selectors = { "web:http" } })).Programs.Single().Program.DesiredState;

    private static async Task<string> RefusalAsync(InProcessPlane plane, StopProgramsRequest request, string confirmation)
    {
        var refused = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.StopProgramsAsync(request, Confirmed(confirmation)));
        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        return refused.Status.Detail;
    }
}
