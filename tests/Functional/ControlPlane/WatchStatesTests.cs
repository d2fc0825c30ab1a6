using Grpc.Core;
using HaGrpc.ControlPlane.States;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Storage.Tests.Databases;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>How the fleet stands, followed.</summary>
[Collection(OnePostgres.Name)]
public sealed class WatchStatesTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_reader_has_everything_and_then_what_changes_and_nobody_looks_when_nobody_reads()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await using var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        var feed = plane.Service<StateFeed>();
        feed.IsWatched.ShouldBeFalse();
        using (var reader = new Seen(plane, new()))
        {
            await reader.UntilAsync(s => s.IsWhole, "everything is there");
            (string.Join(' ', reader.Programs.Keys), reader.Groups["web"].Owner, reader.Limits).ShouldBe(("web:db@ web:http@", "", ""));
            feed.IsWatched.ShouldBeTrue();

            await agent.OwnAsync("web");
            await reader.UntilAsync(s => s.Groups["web"] is { Owner: "a", Phase: "Owned" } && string.Join(' ', s.Programs.Keys) == "web:db@a web:http@a", "the owner is seen, and lines without one are gone");
            reader.Groups["web"].LeaseLeft.ShouldBeNull("it would be news with every heartbeat");

            await ReportAsync(agent, ProgramState.Starting, 0);
            await ReportAsync(agent, ProgramState.Running, 4711);
            await reader.UntilAsync(s => s.Programs["web:http@a"].Status is { State: ProgramState.Running, Pid: 4711 }, "the state is seen");
            (await Operator.RunAsync(plane.GrpcUrl, "delete", "program", "web:db", "--yes", "web")).Code.ShouldBe(0);
            await reader.UntilAsync(s => !s.Programs.ContainsKey("web:db@a"), "the deleted one is gone");
            reader.Resets.ShouldBe(1);
        }
        await Until.HoldsAsync(() => Task.FromResult(!feed.IsWatched), "nobody looks any more");
    }

    [Fact]
    public async Task Selectors_bound_what_is_sent_also_of_what_is_registered_later()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        using var reader = new Seen(plane, new() { Selectors = { "web:http", "mail" } });
        await reader.UntilAsync(s => s.IsWhole, "everything is there");
        string.Join(' ', reader.Programs.Keys).ShouldBe("web:http@");
        var mail = Models.Web();
        mail.Groups.Clear();
        mail.Programs.Clear();
        mail.Groups.Add(Models.Group("mail", new Member { Host = "b", Priority = 1 }));
        mail.Programs.Add(Models.Program("mail", "smtp"));
        await plane.ApplyAsync(mail);
        await reader.UntilAsync(s => string.Join(' ', s.Programs.Keys) == "mail:smtp@ web:http@" && s.Groups.ContainsKey("mail"), "what is new matches");
    }

    [Fact]
    public async Task An_account_sees_its_groups_only()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups.Add(Models.Group("mail", new Member { Host = "b", Priority = 1 }));
        model.Programs.Add(Models.Program("mail", "smtp"));
        await plane.ApplyAsync(model);
        var root = (await Operator.RunAsync(plane.GrpcUrl, "operator", "add", "root", "--role", "admin", "--token", "-o", "json")).Out;
        var admin = System.Text.Json.JsonDocument.Parse(root).RootElement.GetProperty("token").GetString()!;
        var added = await Operator.RunAsTokenAsync(plane.GrpcUrl, admin, "operator", "add", "look", "--role", "viewer", "--groups", "web", "--token", "-o", "json");
        var token = System.Text.Json.JsonDocument.Parse(added.Out).RootElement.GetProperty("token").GetString()!;
        using var reader = new Seen(plane, new(), token);
        await reader.UntilAsync(s => s.IsWhole, "everything of it is there");
        string.Join(' ', reader.Programs.Keys).ShouldBe("web:db@ web:http@");
        reader.Groups.Keys.ShouldBe(["web"]);
        using var refused = new Seen(plane, new() { Selectors = { "mail" } }, token);
        (await Should.ThrowAsync<RpcException>(() => refused.UntilAsync(s => s.IsWhole, "it is refused"))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task A_follower_sends_what_the_database_knows_and_ends_when_the_leadership_changes()
    {
        var database = $"--postgres={await cluster.CreateDatabaseAsync()}";
        await using var first = await InProcessPlane.StartLeadingAsync(database);
        await first.ApplyAsync(Models.Web());
        await using var second = await InProcessPlane.StartAsync(database);
        await Until.HoldsAsync(() => Task.FromResult(second.Log().Any(l => l.StartsWith("Information does not lead: ", StringComparison.Ordinal))), "it has seen the leader");
        await using var agent = await AgentDouble.AttachAsync(first.GrpcUrl, "a");
        using (var reader = new Seen(second, new()))
        {
            await reader.UntilAsync(s => s.IsWhole, "everything is there");
            reader.Limits.ShouldStartWith("answered from the database by a control plane that does not lead (");
            await agent.OwnAsync("web");
            await reader.UntilAsync(s => s.Groups["web"].Owner == "a" && s.Programs.GetValueOrDefault("web:http@a")?.Status?.State == ProgramState.Unknown, "the owner is seen");
            await first.StopAsync();
            var end = await Should.ThrowAsync<RpcException>(() => reader.UntilAsync(_ => false, "it ends"));
            (end.StatusCode, end.Status.Detail).ShouldBe((StatusCode.Unavailable, "the leadership has changed: ask again for everything, of whoever leads now"));
        }
        await Until.HoldsAsync(second.LeadsAsync, "the second leads");
        using var again = new Seen(second, new());
        await again.UntilAsync(s => s.IsWhole, "everything is there");
        again.Limits.ShouldBeEmpty();
    }

    private static Task ReportAsync(AgentDouble agent, ProgramState state, int pid) => agent.SendAsync(new()
    {
        ProgramReport = new() { Programs = { new ProgramStatus { Group = "web", Name = "http", State = state, Pid = pid } } },
    });

    /// <summary>A reader that keeps what it was told.</summary>
    private sealed class Seen(InProcessPlane plane, WatchStatesRequest request, string? token = null) : IDisposable
    {
        private readonly AsyncServerStreamingCall<WatchStatesResponse> _call = new StateService.StateServiceClient(plane.Channel).WatchStates(
            request, token is null ? null : new Metadata { { "authorization", $"Bearer {token}" } });

        public SortedDictionary<string, ProgramLine> Programs { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, GroupStatus> Groups { get; } = new(StringComparer.Ordinal);

        public string Limits { get; private set; } = "";

        public int Resets { get; private set; }

        public bool IsWhole { get; private set; }

        public async Task UntilAsync(Func<Seen, bool> holds, string what)
        {
            using var limit = new CancellationTokenSource(Until.Bound);
            while (!holds(this))
            {
                (await _call.ResponseStream.MoveNext(limit.Token)).ShouldBeTrue(what);
                Take(_call.ResponseStream.Current);
            }
        }

        public void Dispose() => _call.Dispose();

        private void Take(WatchStatesResponse answer)
        {
            if (answer.Reset)
            {
                Programs.Clear();
                Groups.Clear();
                Resets++;
            }
            foreach (var gone in answer.GonePrograms)
                Programs.Remove($"{gone.Group}:{gone.Name}@{gone.Host}");
            foreach (var gone in answer.GoneGroups)
                Groups.Remove(gone);
            foreach (var line in answer.Programs)
                Programs[$"{line.Program.Group}:{line.Program.Name}@{line.Host}"] = line;
            foreach (var group in answer.Groups)
                Groups[group.Group.Name] = group;
            (Limits, IsWhole) = (answer.Limits, !answer.More);
        }
    }
}
