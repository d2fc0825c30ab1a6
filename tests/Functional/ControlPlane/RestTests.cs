using System.Net;
using System.Text;
using System.Text.Json;
using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using OperatorRole = HaGrpc.V1.OperatorRole;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>The operators' calls as JSON over HTTP: the same calls behind the same gates.</summary>
public sealed class RestTests
{
    private static IEnumerable<MethodDescriptor> Calls => new[]
    {
        AdminReflection.Descriptor, RegistryReflection.Descriptor, AccessReflection.Descriptor, AuditReflection.Descriptor,
        GuardReflection.Descriptor, AdoptionReflection.Descriptor, ReleaseReflection.Descriptor, IdentityReflection.Descriptor, WhyReflection.Descriptor, StateReflection.Descriptor,
    }.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    // They change nothing and are no links either: two ask hosts to look, one has a whole call in its body.
    private static readonly string[] Looks = ["AdminService/Rehearse", "AdoptionService/Preflight", "GuardService/Preview"];

    [Fact]
    public void Every_call_of_operators_has_a_path_of_its_own()
    {
        var rules = OperatorCalls.Names.ToDictionary(name => name, RuleOf);
        rules.Where(r => r.Value is null).Select(r => r.Key).ShouldBeEmpty("give the call a google.api.http annotation");
        rules.Values.Select(r => (r!.PatternCase, PathOf(r))).Distinct().Count().ShouldBe(rules.Count);
        foreach (var (name, rule) in rules)
        {
            // What changes something can be no link, and nothing that a browser sends without asking.
            OperatorCalls.Find($"/hagrpc.v1.{name}")!.Changes.ShouldBe(
                rule!.PatternCase != HttpRule.PatternOneofCase.Get && !Looks.Contains(name), name);
            PathOf(rule).ShouldStartWith("/v1/");
        }
    }

    [Fact]
    public async Task Every_path_leads_to_its_call_and_stops_strangers_at_the_same_gate()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await AddAdminAsync(plane);
        using var stranger = new RestClient(plane.HttpUrl);
        foreach (var name in OperatorCalls.Names)
        {
            var rule = RuleOf(name)!;
            var path = PathOf(rule).Replace("{revision}", "1", StringComparison.Ordinal).Replace("{group}", "web", StringComparison.Ordinal)
                .Replace("{host}", "a", StringComparison.Ordinal).Replace("{name}", "root", StringComparison.Ordinal).Replace("{id}", "1", StringComparison.Ordinal);
            var method = new HttpMethod(rule.PatternCase.ToString().ToUpperInvariant());
            var answer = await stranger.SendAsync(method, path, rule.Body == "*" ? new StringContent("{}", Encoding.UTF8, "application/json") : null);
            if (name is "AdminService/GetControlPlane" or "AccessService/GetCaller")
            {
                answer.Status.ShouldBe(200, name);
                continue;
            }
            answer.Status.ShouldBe(401, $"{name}: {answer.Text}");
            answer.Message.ShouldBe("nobody is recognised: there is neither a token nor a client certificate with a name", name);
            answer.Headers["WWW-Authenticate"].ShouldBe("Bearer");
        }
    }

    [Fact]
    public async Task What_is_changed_by_JSON_is_audited_as_any_change_and_refused_with_the_same_words()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var token = await AddAdminAsync(plane);
        using var admin = new RestClient(plane.HttpUrl) { Token = token };

        var applied = await admin.PostAsync("/v1/registry:apply", """{"hosts": [{"name": "a"}, {"name": "b", "description": "second"}]}""");
        applied.Status.ShouldBe(200, applied.Text);
        applied.Json.GetProperty("changes")[0].GetProperty("kind").GetString().ShouldBe("CHANGE_KIND_CREATED");
        var web = Models.Web();
        await plane.Admin.ApplyAsync(new() { Groups = { web.Groups }, Programs = { web.Programs } }, new Metadata { { "authorization", $"Bearer {token}" } });
        var stopped = await admin.PostAsync("/v1/programs:stop", """{"selectors": ["web:http"], "noWait": true, "reason": "by curl"}""");
        stopped.Json.GetProperty("results")[0].GetProperty("name").GetString().ShouldBe("web:http");
        (await admin.GetAsync("/v1/control-plane?checkDatabase=true")).Json.GetProperty("databaseOk").GetBoolean().ShouldBeTrue();
        (await admin.GetAsync("/v1/hosts")).Json.GetProperty("hosts").GetArrayLength().ShouldBe(2);
        (await admin.GetAsync("/v1/programs?selectors=web:http")).Json.GetProperty("programs").GetArrayLength().ShouldBe(1);
        (await admin.GetAsync("/v1/caller")).Json.GetProperty("name").GetString().ShouldBe("token/root");
        var unknown = await admin.PostAsync("/v1/groups/nobody:switchover", "{}");
        var grpc = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.SwitchoverAsync(
            new() { Group = "nobody" }, new Metadata { { "authorization", $"Bearer {token}" } }));
        (unknown.Status, unknown.Json.GetProperty("code").GetInt32(), unknown.Message).ShouldBe((404, (int)StatusCode.NotFound, "group: no group is called 'nobody'"));
        (grpc.StatusCode, grpc.Status.Detail).ShouldBe((StatusCode.NotFound, "group: no group is called 'nobody'"));

        var lines = (await admin.GetAsync("/v1/audit?filter.call=StopPrograms&filter.calls=true")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var entry = JsonDocument.Parse(lines.ShouldHaveSingleItem()).RootElement.GetProperty("entry");
        (entry.GetProperty("actor").GetString(), entry.GetProperty("reason").GetString(), entry.GetProperty("result").GetString()).ShouldBe(("token/root", "by curl", "OK"));
    }

    [Fact]
    public async Task Roles_hold_and_lists_show_an_account_its_groups()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Groups.Add(Models.Group("mail", new Member { Host = "b", Priority = 1 }));
        await plane.ApplyAsync(web);
        var token = await AddAdminAsync(plane);
        using var admin = new RestClient(plane.HttpUrl) { Token = token };
        var added = await admin.PostAsync("/v1/operators", """{"name": "look", "role": "OPERATOR_ROLE_VIEWER", "groups": ["web"], "byToken": true}""");
        using var viewer = new RestClient(plane.HttpUrl) { Token = added.Json.GetProperty("token").GetString() };
        (await viewer.GetAsync("/v1/groups")).Json.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("group").GetProperty("name").GetString()).ShouldBe(["web"]);
        var denied = await viewer.PostAsync("/v1/groups/web:switchover", "{}");
        (denied.Status, denied.Message).ShouldBe((403, "you are look (viewer of web): the role operator is missing for group web"));
        (await admin.PostAsync("/v1/operators/look:setDisabled", """{"disabled": true}""")).Status.ShouldBe(200);
        (await viewer.GetAsync("/v1/groups")).Status.ShouldBe(401);
        (await admin.SendAsync(HttpMethod.Delete, "/v1/operators/look?reason=left")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Streams_are_lines_of_JSON_as_things_happen()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var client = new RestClient(plane.HttpUrl);
        using var limit = new CancellationTokenSource(Until.Bound);
        var applied = false;
        await foreach (var line in client.LinesAsync("/v1/events:watch?backlog=10").WithCancellation(limit.Token))
        {
            if (!applied)
                await plane.ApplyAsync(Models.Web());
            applied = true;
            if (line.TryGetProperty("event", out var happened) && happened.ValueKind == JsonValueKind.Object && happened.GetProperty("message").GetString()!.Contains("group/web", StringComparison.Ordinal))
                return;
        }
        Assert.Fail("the stream has ended");
    }

    [Fact]
    public async Task Who_does_not_lead_says_where_the_leader_is()
    {
        await using var plane = await InProcessPlane.StartAsync("--postgres=Host=127.0.0.1;Port=1;Username=x;Database=y;Timeout=2");
        await Until.HoldsAsync(() => Task.FromResult(plane.Log().Any(l => l.StartsWith("Error", StringComparison.Ordinal))), "it has tried");
        using var client = new RestClient(plane.HttpUrl);
        await Until.HoldsAsync(
            async () =>
            {
                plane.Service<LeaderSeat>().Follow("another one leads", new(7, "other", "https://ha2.example.org:7443", null));
                var answer = await client.PostAsync("/v1/programs:stop", """{"selectors": ["web"]}""");
                answer.Status.ShouldBe(503);
                return answer.Headers.TryGetValue("hagrpc-leader", out var leader) && leader == "https://ha2.example.org:7443"
                    && answer.Headers["hagrpc-leader-term"] == "7" && answer.Message == "this control plane does not lead: another one leads";
            },
            "it names the leader");
    }

    [Fact]
    public async Task With_TLS_both_versions_are_spoken_where_gRPC_is_and_probes_have_no_API()
    {
        using var ours = new TestAuthority("our authority");
        var (certificate, key) = ours.Server();
        await using var plane = await InProcessPlane.StartLeadingAsync("--tls-cert", certificate, "--tls-key", key, "--tls-ca", ours.RootFile);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var eve = new RestClient(plane.GrpcUrl, ours, ours.Client("eve")) { Version = version };
            var caller = await eve.GetAsync("/v1/caller");
            (caller.Version, caller.Json.GetProperty("name").GetString()).ShouldBe((version, "CN=eve"));
            using var nobody = new RestClient(plane.GrpcUrl, ours) { Version = version };
            await Should.ThrowAsync<HttpRequestException>(() => nobody.GetAsync("/v1/caller"));
        }
        using var probe = new RestClient(plane.HttpUrl);
        (await probe.GetAsync("/healthz")).Status.ShouldBe(200);
        var refused = await probe.GetAsync("/v1/hosts");
        (refused.Status, refused.Message).ShouldBe((421, "this listener is for probes: the API is where gRPC is (--listen-grpc)"));
    }

    [Fact]
    public async Task Without_TLS_JSON_is_spoken_over_HTTP_2_where_gRPC_is()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var client = new RestClient(plane.GrpcUrl) { Version = HttpVersion.Version20 };
        (await client.GetAsync("/v1/control-plane")).Json.GetProperty("role").GetString().ShouldBe("CONTROL_PLANE_ROLE_LEADER");
    }

    [Fact]
    public async Task Nothing_is_done_for_a_page_in_a_browser()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var client = new RestClient(plane.HttpUrl);
        StringContent Body(string type = "application/json") => new("""{"hosts": [{"name": "x"}]}""", Encoding.UTF8, type);

        (await client.SendAsync(HttpMethod.Post, "/v1/registry:apply", Body(), h => h.Add("Origin", "http://page.example"))).Status.ShouldBe(403);
        (await client.SendAsync(HttpMethod.Post, "/v1/registry:apply", Body(), h => h.Add("Origin", plane.HttpUrl))).Status.ShouldBe(403);
        (await client.SendAsync(HttpMethod.Post, "/v1/registry:apply", Body(), h => h.Add("Sec-Fetch-Site", "cross-site"))).Status.ShouldBe(403);
        (await client.SendAsync(HttpMethod.Get, "/v1/hosts", null, h => h.Host = "rebound.example")).Status.ShouldBe(403);
        (await client.SendAsync(HttpMethod.Post, "/v1/registry:apply", Body("text/plain"))).Status.ShouldBe(415);
        (await client.SendAsync(HttpMethod.Options, "/v1/registry:apply")).Headers.Keys.ShouldNotContain(k => k.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        (await plane.Admin.ListHostsAsync(new())).Hosts.ShouldBeEmpty();
        (await client.SendAsync(HttpMethod.Get, "/v1/hosts", null, h => h.Host = "localhost:7480")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_with_what_is_wrong()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var client = new RestClient(plane.HttpUrl);
        var nothing = await client.GetAsync("/v1/nothing");
        (nothing.Status, nothing.Message).ShouldBe((404, "there is no GET /v1/nothing: /openapi.json describes what there is"));
        foreach (var wrong in new[] { "{", "[]", """{"selectors": 5}""", """{"selectors": ["a"], "reason": {"x": 1}}""" })
        {
            var answer = await client.PostAsync("/v1/programs:stop", wrong);
            (answer.Status, answer.Json.GetProperty("code").GetInt32()).ShouldBe((400, (int)StatusCode.InvalidArgument), wrong);
            answer.Message.ShouldNotContain(" at HaGrpc.");
        }
        (await client.PostAsync("/v1/revisions/abc:rollback", "{}")).Status.ShouldBe(400);
        var large = new string('x', 5 << 20);
        (await client.PostAsync("/v1/programs:stop", $$"""{"reason": "{{large}}"}""")).Status.ShouldBe(413);
        // No more than a little too much: the answer may come while the rest is still being sent, to a connection that is closed then.
        using var unsized = new StringContent($$"""{"reason": "{{new string('x', 4 << 20)}}"}""", Encoding.UTF8, "application/json");
        var chunked = await client.SendAsync(HttpMethod.Post, "/v1/programs:stop", unsized, h => h.TransferEncodingChunked = true);
        chunked.Status.ShouldBeOneOf(400, 413);
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));
        (await client.PostAsync("/v1/programs:stop", $$"""{"selectors": {{deep}}""")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_refusal_of_what_is_to_be_confirmed_holds_what_it_hits_and_what_to_send_back()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane, clients: 3);
        var (root, ops) = await GuardPolicyTests.OperatorsAsync(plane);
        using var client = new RestClient(plane.HttpUrl) { Token = ops };
        const string Stop = """{"selectors": ["web"], "noWait": true}""";

        var refused = await client.PostAsync("/v1/programs:stop", Stop);

        (refused.Status, refused.Json.GetProperty("code").GetInt32()).ShouldBe((400, (int)StatusCode.FailedPrecondition));
        refused.Message.ShouldStartWith("to stop a whole group or more has to be confirmed (the standard of stop-group), and was not; nothing was done.");
        var shown = refused.Json.GetProperty("details").EnumerateArray().ShouldHaveSingleItem();
        shown.GetProperty("@type").GetString().ShouldBe("type.googleapis.com/hagrpc.v1.PreviewResponse");
        (shown.GetProperty("act").GetString(), shown.GetProperty("demand").GetString(), shown.GetProperty("name").GetString())
            .ShouldBe(("stop-group", "GUARD_DEMAND_CONFIRM", "web"));
        var group = shown.GetProperty("groups")[0];
        (group.GetProperty("owner").GetString(), group.GetProperty("running")[0].GetString(), group.GetProperty("clients").GetInt32()).ShouldBe(("a", "web:http", 3));
        var confirmation = shown.GetProperty("confirmation").GetString()!;

        // Bound to what was shown, as it is by gRPC.
        (await SendAsync("""{"selectors": ["all"], "noWait": true}""")).Message.ShouldContain("the confirmation does not count: it is about something else");
        (await SendAsync(Stop)).Status.ShouldBe(200);

        await GuardPolicyTests.SetAsync(plane, root, "start", GuardDemand.SecondApprover);
        shown = (await client.PostAsync("/v1/programs:start", Stop)).Json.GetProperty("details")[0];
        confirmation = shown.GetProperty("confirmation").GetString()!;
        var waiting = (await SendAsync(Stop, "start")).Json.GetProperty("details")[0];
        waiting.GetProperty("@type").GetString().ShouldBe("type.googleapis.com/hagrpc.v1.Approval");
        (waiting.GetProperty("id").GetInt64(), waiting.GetProperty("state").GetString(), waiting.GetProperty("requestedBy").GetString())
            .ShouldBe((1L, "APPROVAL_STATE_WAITING", "ops"));
        using var second = new RestClient(plane.HttpUrl) { Token = root };
        (await second.PostAsync("/v1/guard/approvals/1:approve", """{"reason": "as agreed"}""")).Status.ShouldBe(200);
        (await client.PostAsync("/v1/programs:start", Stop)).Status.ShouldBe(200, "it is approved");
        (await client.PostAsync("/v1/groups/nobody:switchover", "{}")).Json.GetProperty("details").GetArrayLength().ShouldBe(0, "there is nothing to confirm");

        async Task<RestClient.Answer> SendAsync(string body, string what = "stop") => await client.SendAsync(
            HttpMethod.Post, $"/v1/programs:{what}", new StringContent(body, Encoding.UTF8, "application/json"), h => h.Add("hagrpc-confirmation", confirmation));
    }

    [Fact]
    public async Task The_acts_about_hosts_and_releases_are_confirmed_by_JSON_as_well()
    {
        await using var plane = await UpdateTests.StartAsync();
        await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "update", Demand = GuardDemand.Confirm });
        using var client = new RestClient(plane.HttpUrl);
        foreach (var (path, body, act) in new[]
        {
            ("/v1/hosts/a:revoke", "{}", "revoke"),
            ("/v1/programs:update", """{"program": {"group": "web", "name": "http", "command": "/opt/r/2/http"}, "processes": ["http"]}""", "update"),
        })
        {
            var refused = await client.PostAsync(path, body);
            refused.Status.ShouldBe(400, refused.Text);
            var shown = refused.Json.GetProperty("details")[0];
            shown.GetProperty("act").GetString().ShouldBe(act);
            var done = await client.SendAsync(
                HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, "application/json"), h => h.Add("hagrpc-confirmation", shown.GetProperty("confirmation").GetString()));
            done.Status.ShouldBe(200, done.Text);
        }
    }

    [Fact]
    public async Task The_description_is_served_on_both_listeners()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var probe = new RestClient(plane.HttpUrl);
        using var client = new RestClient(plane.GrpcUrl) { Version = HttpVersion.Version20 };
        var text = (await probe.GetAsync("/openapi.json")).Text;
        JsonDocument.Parse(text).RootElement.GetProperty("openapi").GetString().ShouldBe("3.1.0");
        (await client.GetAsync("/openapi.json")).Text.ShouldBe(text);
    }

    private static HttpRule? RuleOf(string name)
    {
        var call = Calls.Single(m => $"{m.Service.Name}/{m.Name}" == name);
        return call.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
    }

    private static string PathOf(HttpRule rule) => rule.PatternCase switch
    {
        HttpRule.PatternOneofCase.Get => rule.Get,
        HttpRule.PatternOneofCase.Post => rule.Post,
        HttpRule.PatternOneofCase.Delete => rule.Delete,
        _ => "",
    };

    private static async Task<string> AddAdminAsync(InProcessPlane plane) =>
        (await new AccessService.AccessServiceClient(plane.Channel).AddOperatorAsync(new() { Name = "root", Role = OperatorRole.Admin, ByToken = true })).Token;
}
