using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Who may do what, by certificate and by token.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly TestAuthority _authority = new("our authority");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Every_call_has_its_role()
    {
        foreach (var name in OperatorCalls.Names)
        {
            var call = OperatorCalls.Find($"/hagrpc.v1.{name}").ShouldNotBeNull();
            call.HasRole.ShouldBeTrue($"{name}: say in OperatorCalls which role it needs");
        }
        OperatorCalls.Find("/hagrpc.v1.NewService/DoIt").ShouldNotBeNull().Role(new ListHostsRequest())
            .ShouldBe(Core.Access.OperatorRole.Admin, "what nobody has thought of needs the highest");
    }

    [Fact]
    public async Task As_long_as_nobody_is_registered_everything_is_open_and_said_to_be()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var who = await Access(plane).GetCallerAsync(new());
        (who.Name, who.Kind, who.IsOpen, who.Account).ShouldBe(("127.0.0.1", "address", true, null));
        await Until.HoldsAsync(
            () => Task.FromResult(plane.Log().Any(l => l.StartsWith("Warning no operator is registered: whoever reaches", StringComparison.Ordinal))),
            "the log warns");
    }

    [Fact]
    public async Task The_first_operator_is_an_admin_and_from_then_on_everybody_has_to_be_known()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var first = await Refusal(() => Access(plane).AddOperatorAsync(new() { Name = "ci", Role = OperatorRole.Viewer, ByToken = true }));
        first.ShouldBe((StatusCode.FailedPrecondition, "role: the first operator must be an admin of all groups, without an end: else nobody could add others"));

        var admin = await AddAsync(plane, null, "root", OperatorRole.Admin);
        (await Refusal(() => plane.Admin.ListGroupsAsync(new()))).ShouldBe(
            (StatusCode.Unauthenticated, "nobody is recognised: there is neither a token nor a client certificate with a name"));
        (await Refusal(() => plane.Admin.ListGroupsAsync(new(), Bearer(admin[..^1] + "x")))).ShouldBe(
            (StatusCode.Unauthenticated, "nobody is recognised: the token is not known here: it was removed, or is of another control plane"));
        (await plane.Admin.ListGroupsAsync(new(), Bearer(admin))).Groups.Count.ShouldBe(1);
        (await plane.Admin.GetControlPlaneAsync(new())).Role.ShouldBe(ControlPlaneRole.Leader, "who leads is told to everybody");

        (await Refusal(() => Access(plane).RemoveOperatorAsync(new() { Name = "root" }, Bearer(admin)))).ShouldBe(
            (StatusCode.FailedPrecondition, "root is the last admin of all groups without an end: add another one first"));
        (await Refusal(() => Access(plane).SetOperatorDisabledAsync(new() { Name = "root", Disabled = true }, Bearer(admin)))).Code
            .ShouldBe(StatusCode.FailedPrecondition);
    }

    [Fact]
    public async Task Roles_and_groups_bound_what_is_done_and_a_denial_says_what_is_missing()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Groups.Add(Models.Group("mail", new Member { Host = "b", Priority = 1 }));
        web.Groups.Add(Models.Group("web-2", new Member { Host = "a", Priority = 1 }));
        await plane.ApplyAsync(web);
        var admin = await AddAsync(plane, null, "root", OperatorRole.Admin);
        var viewer = Bearer(await AddAsync(plane, admin, "look", OperatorRole.Viewer));
        var ops = Bearer(await AddAsync(plane, admin, "ops", OperatorRole.Operator, "web*"));

        (await Refusal(() => plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" } }, viewer))).ShouldBe(
            (StatusCode.PermissionDenied, "you are look (viewer of all groups): the role operator is missing for group web"));
        (await Refusal(async () => await plane.Admin.DrainHostAsync(new() { Host = "a" }, viewer))).Detail.ShouldEndWith(": the role operator is missing for host a");
        (await Refusal(() => plane.Admin.StopProgramsAsync(new() { Selectors = { "all" } }, viewer))).Detail.ShouldEndWith(": the role operator is missing for all groups");
        (await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }, ops)).Results.Count.ShouldBe(1);
        foreach (var denied in new Func<Task>[]
        {
            async () => await plane.Admin.StopProgramsAsync(new() { Selectors = { "web", "mail:x" } }, ops),
            async () => await plane.Admin.StopProgramsAsync(new() { Selectors = { "all" } }, ops),
            async () => await plane.Admin.SwitchoverAsync(new() { Group = "mail" }, ops),
            async () => await plane.Admin.LockAsync(new() { Target = new() { Scope = LockScope.Group, Name = "mail" } }, ops),
            async () => await plane.Admin.DrainHostAsync(new() { Host = "b" }, ops),
            async () => await plane.Admin.TailLogs(new() { Group = "mail" }, ops).ResponseStream.MoveNext(CancellationToken.None),
            async () => await plane.Admin.ListGroupsAsync(new() { Names = { "mail" } }, ops),
        })
        {
            var refused = await Should.ThrowAsync<RpcException>(denied);
            refused.StatusCode.ShouldBe(StatusCode.PermissionDenied);
            refused.Status.Detail.ShouldEndWith(" is missing for group mail");
        }
        // Host a has groups of web* only, so draining it touches no other.
        (await plane.Admin.DrainHostAsync(new() { Host = "a", NoWait = true }, ops)).Groups.ShouldBeEmpty();
        foreach (var everything in new Func<Task>[]
        {
            async () => await plane.Admin.LockAsync(new() { Target = new() { Scope = LockScope.Everything } }, ops),
            async () => await plane.Admin.DrainHostAsync(new() { Host = "unknown" }, ops),
        })
        {
            (await Should.ThrowAsync<RpcException>(everything)).Status.Detail.ShouldBe(
                "you are ops (operator of web*): the role operator is missing for all groups, which this is about");
        }
        (await Refusal(() => plane.Admin.ApplyAsync(new() { Groups = { web.Groups[0] }, DryRun = true }, ops))).Detail
            .ShouldBe("you are ops (operator of web*): the role admin is missing for group web");
        (await Refusal(() => Access(plane).ListOperatorsAsync(new(), ops))).Detail.ShouldEndWith(": the role admin is missing for all groups");

        // An unlock of everything is for admins, and so is a fence.
        await plane.Admin.LockAsync(new() { Target = new() { Scope = LockScope.Everything } }, Bearer(admin));
        var all = Bearer(await AddAsync(plane, admin, "all", OperatorRole.Operator));
        (await Refusal(() => plane.Admin.UnlockAsync(new() { Target = new() { Scope = LockScope.Everything }, Force = true }, all))).Detail
            .ShouldBe("you are all (operator of all groups): the role admin is missing for all groups");
        (await Refusal(() => plane.Admin.FenceAsync(new() { Host = "a", DryRun = true }, all))).Code.ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task Lists_and_events_show_an_account_its_groups()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Groups.Add(Models.Group("mail", new Member { Host = "b", Priority = 1 }));
        web.Programs.Add(Models.Program("mail", "smtp"));
        await plane.ApplyAsync(web);
        await plane.Admin.LockAsync(new() { Target = new() { Scope = LockScope.Group, Name = "mail" } });
        var admin = await AddAsync(plane, null, "root", OperatorRole.Admin);
        var web1 = Bearer(await AddAsync(plane, admin, "w", OperatorRole.Viewer, "web"));

        (await plane.Admin.ListGroupsAsync(new(), web1)).Groups.Select(g => g.Group.Name).ShouldBe(["web"]);
        (await plane.Admin.ListProgramsAsync(new(), web1)).Programs.ShouldAllBe(p => p.Program.Group == "web");
        (await plane.Admin.ListLocksAsync(new(), web1)).Locks.ShouldBeEmpty();
        (await plane.Admin.ListHostsAsync(new(), web1)).Hosts.Count.ShouldBe(2);
        var export = await plane.Registry.ExportAsync(new(), web1);
        (string.Join(' ', export.Groups.Select(g => g.Name)), export.Programs.Any(p => p.Group != "web")).ShouldBe(("web", false));
        (await Refusal(async () => await plane.Registry.ListRevisionsAsync(new(), web1))).Code.ShouldBe(StatusCode.PermissionDenied);
        var events = (await plane.Admin.ListEventsAsync(new(), web1)).Events;
        events.ShouldContain(e => e.Group == "web");
        events.ShouldNotContain(e => e.Group == "mail");
        using var watch = plane.Admin.WatchEvents(new() { Backlog = 100 }, web1);
        var newest = (await plane.Admin.ListEventsAsync(new(), Bearer(admin))).Events[^1].Id;
        while (await watch.ResponseStream.MoveNext(CancellationToken.None) && watch.ResponseStream.Current.Position < newest)
            watch.ResponseStream.Current.Event?.Group.ShouldNotBe("mail");
        (await Refusal(async () => await new AuditService.AuditServiceClient(plane.Channel).GetAuditHeadAsync(new(), web1))).Detail
            .ShouldBe("you are w (viewer of web): the role viewer is missing for all groups, which this is about");
    }

    [Fact]
    public async Task Accounts_end_and_are_disabled_and_what_was_refused_is_in_the_audit()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var admin = Bearer(await AddAsync(plane, null, "root", OperatorRole.Admin));
        var added = await Access(plane).AddOperatorAsync(
            new() { Name = "ci", Role = OperatorRole.Operator, ByToken = true, Ttl = TimeSpan.FromHours(1).ToDuration(), Reason = "pipeline" }, admin);
        added.Account.ExpiresAt.ShouldBe((added.Account.CreatedAt.ToDateTimeOffset() + TimeSpan.FromHours(1)).ToTimestamp());
        var ci = Bearer(added.Token);
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }, ci);
        await Access(plane).SetOperatorDisabledAsync(new() { Name = "ci", Disabled = true }, admin);
        (await Refusal(() => plane.Admin.StopProgramsAsync(new() { Selectors = { "web:db" }, Reason = "again" }, ci))).ShouldBe(
            (StatusCode.Unauthenticated, "nobody is recognised: this is the account ci, and it is disabled"));
        await Access(plane).SetOperatorDisabledAsync(new() { Name = "ci", Disabled = false }, admin);
        (await Refusal(() => plane.Admin.FenceAsync(new() { Host = "a", Reason = "try" }, ci))).Code.ShouldBe(StatusCode.PermissionDenied);
        await Access(plane).RemoveOperatorAsync(new() { Name = "ci" }, admin);
        (await Refusal(() => plane.Admin.ListGroupsAsync(new(), ci))).Code.ShouldBe(StatusCode.Unauthenticated);

        using var stream = new AuditService.AuditServiceClient(plane.Channel).ReadAudit(new() { Filter = new() { Calls = true } }, admin);
        var entries = new List<AuditEntry>();
        await foreach (var answer in stream.ResponseStream.ReadAllAsync())
            entries.Add(answer.Entry);
        entries.Where(e => e.Kind == "refused").Select(e => (e.Actor, e.ActorKind, e.Call, e.Result, e.Reason)).ShouldBe([
            ("token/ci", "token", "AdminService/StopPrograms", "UNAUTHENTICATED", "again"),
            ("token/ci", "token", "AdminService/Fence", "PERMISSION_DENIED", "try")]);
        entries.ShouldAllBe(e => !e.ToString().Contains(added.Token.Split('.', StringSplitOptions.None)[2], StringComparison.Ordinal));
        entries.Single(e => e.Call == "AdminService/StopPrograms" && e.Result == "OK").Actor.ShouldBe("token/ci");
        (await plane.Admin.ListEventsAsync(new() { Limit = 100 }, admin)).Events.Select(e => e.Kind)
            .Where(k => k.StartsWith("Operator", StringComparison.Ordinal)).ShouldBe(["OperatorAdded", "OperatorAdded", "OperatorDisabled", "OperatorEnabled", "OperatorRemoved"]);
    }

    [Fact]
    public async Task Certificates_name_operators_and_those_of_agents_may_nothing()
    {
        var (certificate, key) = _authority.Server();
        await using var plane = await InProcessPlane.StartLeadingAsync(
            "--tls-cert", certificate, "--tls-key", key, "--tls-ca", _authority.RootFile);
        string[] eve = Tls(_authority.Client("eve")), bob = Tls(_authority.Client("x", "hagrpc://operator/bob")), agent = Tls(_authority.Client("a", "hagrpc://host/a"));
        (await Operator.RunAsync(plane.GrpcUrl, ["hosts", .. agent])).Error
            .ShouldBe("hactl: not allowed: this certificate is of the agent of host a: agents may not do what operators do\n");

        (await Operator.RunAsync(plane.GrpcUrl, ["operator", "add", "bob", "--role", "admin", .. eve])).Error
            .ShouldStartWith("hactl: refused: name: the first operator must be you, eve, or have a token");
        (await Operator.RunAsync(plane.GrpcUrl, ["operator", "add", "eve", "--role", "admin", .. eve])).Out
            .ShouldBe("eve: admin of all groups, recognised by client certificate\n");
        (await Operator.RunAsync(plane.GrpcUrl, ["hosts", .. bob])).Error.ShouldStartWith(
            $"hactl: {plane.GrpcUrl} does not know you: nobody is recognised: the certificate names bob, which is no operator here (hactl operator add)");
        (await Operator.RunAsync(plane.GrpcUrl, ["whoami", .. agent])).Out
            .ShouldContain("the certificate is of the agent of host a: operators need a token or a certificate of their own");
        (await Operator.RunAsync(plane.GrpcUrl, ["operator", "add", "bob", "--role", "operator", "--groups", "web*,db", .. eve])).Code.ShouldBe(0);
        (await Operator.RunAsync(plane.GrpcUrl, ["hosts", .. bob])).Code.ShouldBe(0);
        (await Operator.RunAsync(plane.GrpcUrl, ["switchover", "mail", .. bob])).ShouldBe(
            new(1, "", "hactl: not allowed: you are bob (operator of web*, db): the role operator is missing for group mail\n"));
        (await Operator.RunAsync(plane.GrpcUrl, ["whoami", .. bob])).Out.ShouldContain("bob: operator of web*, db");
        var list = (await Operator.RunAsync(plane.GrpcUrl, ["operator", "list", .. eve])).Out;
        list.ShouldContain("bob   operator  web*,db  certificate");
        (await Operator.RunAsync(plane.GrpcUrl, ["operator", "remove", "bob", .. eve])).Out.ShouldBe("bob: removed\n");
        (await Operator.RunAsync(plane.GrpcUrl, ["hosts", .. bob])).Code.ShouldBe(1);
    }

    private string[] Tls((string Certificate, string Key) files) =>
        ["--tls-ca", _authority.RootFile, "--tls-cert", files.Certificate, "--tls-key", files.Key];

    private static AccessService.AccessServiceClient Access(InProcessPlane plane) => new(plane.Channel);

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

    private static async Task<string> AddAsync(InProcessPlane plane, string? by, string name, OperatorRole role, params string[] groups)
    {
        var request = new AddOperatorRequest { Name = name, Role = role, ByToken = true, Groups = { groups } };
        var token = (await Access(plane).AddOperatorAsync(request, by is null ? [] : Bearer(by))).Token;
        token.ShouldStartWith("hagrpc1op.");
        return token;
    }

    private static async Task<(StatusCode Code, string Detail)> Refusal<T>(Func<AsyncUnaryCall<T>> call)
    {
        var refused = await Should.ThrowAsync<RpcException>(async () => await call());
        return (refused.StatusCode, refused.Status.Detail);
    }

    private static async Task<(StatusCode Code, string Detail)> Refusal<T>(Func<Task<T>> call)
    {
        var refused = await Should.ThrowAsync<RpcException>(call);
        return (refused.StatusCode, refused.Status.Detail);
    }
}
