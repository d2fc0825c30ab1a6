using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Contracts;
using HaGrpc.Ctl.Connection;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Storage.Tests.Databases;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Several control planes on one PostgreSQL: one leads, the others serve what the database knows.</summary>
[Collection(OnePostgres.Name)]
public sealed class ReplicasTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_follower_answers_every_list_from_the_database_and_says_what_it_cannot_know()
    {
        await using var pair = await PairAsync();
        await using var agent = await AgentDouble.AttachAsync(pair.Leader.GrpcUrl, "a");
        await agent.OwnAsync("web");
        var follower = pair.Follower.Admin;

        var hosts = await follower.ListHostsAsync(new());
        var groups = await follower.ListGroupsAsync(new());
        var programs = await follower.ListProgramsAsync(new() { Selectors = { "web:http", "nope" } });

        hosts.Hosts.Select(h => (h.Host.Name, h.State, string.Join(',', h.OwnedGroups)))
            .ShouldBe([("a", HostState.Unknown, "web"), ("b", HostState.Unknown, "")]);
        var group = groups.Groups.ShouldHaveSingleItem();
        (group.Owner, group.Epoch, group.Phase, group.Backups.Single().Host).ShouldBe(("a", 1, "Owned", "b"));
        group.OwnedSince.ShouldNotBeNull();
        var program = programs.Programs.ShouldHaveSingleItem();
        (program.Host, program.Status.State).ShouldBe(("a", ProgramState.Unknown));
        programs.Unmatched.ShouldBe(["nope"]);
        foreach (var limits in new[] { hosts.Limits, groups.Limits, programs.Limits })
            limits.ShouldStartWith("answered from the database by a control plane that does not lead (");
        (await pair.Leader.Admin.ListHostsAsync(new())).Limits.ShouldBeEmpty();
        // Lines of history that belong to no other transaction are stored a little later.
        ListEventsResponse mine = new();
        await Until.HoldsAsync(
            async () => (mine = await follower.ListEventsAsync(new())).Events.Equals((await pair.Leader.Admin.ListEventsAsync(new())).Events), "both know the same history");
        mine.Events.Count(e => e.Kind == "OwnerPromoted").ShouldBe(1);
        foreach (var call in new Func<Task>[]
        {
            async () => await follower.ApplyAsync(Models.Web()),
            async () => await follower.StopProgramsAsync(new() { Selectors = { "web" } }),
            async () => await follower.SwitchoverAsync(new() { Group = "web" }),
            async () => await follower.TailLogs(new() { Group = "web" }).ResponseStream.MoveNext(CancellationToken.None),
        })
        {
            var refused = await Should.ThrowAsync<RpcException>(call);
            (refused.StatusCode, refused.Trailers.GetValue("hagrpc-leader")).ShouldBe((StatusCode.Unavailable, pair.Leader.GrpcUrl));
        }
    }

    /// <summary>The reader looks every two seconds by itself.</summary>
    [Fact]
    public async Task A_follower_hears_of_events_at_once_and_without_hearing_it_finds_them()
    {
        // Its clock stands still: the next look never comes by itself.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var pair = await PairAsync(time);
        using var watch = pair.Follower.Admin.WatchEvents(new());
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();

        for (var i = 0; i < 9; i++)
            await SeeAsync($"heard{i}");

        // Whoever listens is cut off again and again, and hears nothing of what is written meanwhile.
        await using var source = NpgsqlDataSource.Create(pair.Database);
        using var over = new CancellationTokenSource();
        var cutting = Task.Run(async () =>
        {
            await using var command = source.CreateCommand(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and query in ('listen hagrpc', 'select 1')");
            while (!over.IsCancellationRequested)
                await command.ExecuteScalarAsync();
        });
        await Until.HoldsAsync(
            () => Task.FromResult(pair.Follower.Log().Any(l => l.StartsWith("Warning hears of no changes for now", StringComparison.Ordinal))), "it is cut off");
        var found = SeeAsync("found");
        while (!found.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(found, Task.Delay(10, TestContext.Current.CancellationToken));
        }
        await found;
        await over.CancelAsync();
        await cutting;
        await Until.HoldsAsync(() => Task.FromResult(pair.Follower.Log().Contains("Information hears of changes again")), "it listens again");

        async Task SeeAsync(string host)
        {
            await pair.Leader.ApplyAsync(new() { Hosts = { new Host { Name = host } } });
            do
                (await watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound)).ShouldBeTrue();
            while (watch.ResponseStream.Current.Event?.Host != host);
        }
    }

    [Fact]
    public async Task Hactl_takes_a_list_and_finds_the_leader_also_past_an_endpoint_that_says_nothing()
    {
        await using var pair = await PairAsync();
        using var silent = new SilentEndpoint();
        var list = $"{silent.Url},{pair.Follower.GrpcUrl}, {pair.Leader.GrpcUrl}";

        // No time passes: one that were waited for would be waited for until its connection ends.
        using (var planes = Ctl.Connection.ControlPlane.To([.. ((string[])[silent.Url, pair.Follower.GrpcUrl, pair.Leader.GrpcUrl]).Select(url => new Endpoint(url, null, null, null))]))
        {
            var leads = await new LeaderFinder(planes.Replicas, new FakeTimeProvider()).FindAsync(followerWillDo: false, CancellationToken.None).WaitAsync(Until.Bound);
            leads.Endpoint.Url.ShouldBe(pair.Leader.GrpcUrl);
            silent.HasSeenAnEnd.ShouldBeFalse("nobody has given it up");
        }

        var applied = await Operator.RunWithAsync(list, "hosts: [{name: new}]", "apply", "-f", "-");
        var repeated = await Operator.RunAsync("http://127.0.0.1:1", "hosts", "--endpoint", silent.Url, "--endpoint", pair.Leader.GrpcUrl);
        var shown = await Operator.RunAsync(list, "control-planes", "-o", "json");

        (applied.Code, applied.Error).ShouldBe((0, ""));
        applied.Out.ShouldBe("host/new: created\n");
        (repeated.Code, repeated.Error).ShouldBe((0, ""));
        shown.Code.ShouldBe(0, shown.Error);
        JsonDocument.Parse(shown.Out).RootElement.GetProperty("control_planes").EnumerateArray()
            .Select(p => (p.GetProperty("role").GetString(), p.GetProperty("term").ToString(), p.GetProperty("leader_address").GetString()))
            .ShouldBe([("away", "", null), ("follower", "1", pair.Leader.GrpcUrl), ("leader", "1", pair.Leader.GrpcUrl)]);

        var nobody = await Operator.RunAsync($"http://127.0.0.1:1,{silent.Url}", "hosts");
        nobody.Code.ShouldBe(7);
        nobody.Error.ShouldStartWith("hactl: no control plane leads: cannot connect to http://127.0.0.1:1: connection refused.");
        nobody.Error.ShouldContain($"cannot connect to {silent.Url}: no answer within 5 s");
    }

    [Fact]
    public async Task A_list_is_answered_by_a_follower_when_the_leader_is_not_in_it_and_a_write_says_where_the_leader_is()
    {
        await using var pair = await PairAsync();
        var list = $"{pair.Follower.GrpcUrl},http://127.0.0.1:1";

        var groups = await Operator.RunAsync(list, "groups");
        var planes = await Operator.RunAsync(list, "control-planes");

        groups.Code.ShouldBe(0);
        groups.Out.ShouldContain("web");
        groups.Error.ShouldStartWith("hactl: answered from the database by a control plane that does not lead (");
        planes.Code.ShouldBe(7);
        planes.Error.ShouldStartWith($"hactl: the leader is said to be at {pair.Leader.GrpcUrl}, which is not in this list or does not answer");
    }

    [Fact]
    public async Task An_agent_that_waits_at_a_follower_is_welcomed_as_soon_as_that_one_leads()
    {
        await using var pair = await PairAsync();
        using var channel = GrpcChannel.ForAddress(pair.Follower.GrpcUrl);
        using var call = new AgentService.AgentServiceClient(channel).Attach();
        var hello = AgentDouble.HelloOf("a");
        hello.WaitsForLeader = TimeSpan.FromSeconds(60).ToProto();

        await call.RequestStream.WriteAsync(new() { Hello = hello });
        var headers = await call.ResponseHeadersAsync.WaitAsync(Until.Bound);
        var welcome = call.ResponseStream.MoveNext(CancellationToken.None);

        headers.GetValue("hagrpc-holds").ShouldBe("1");
        welcome.IsCompleted.ShouldBeFalse("the other one leads");
        await pair.Leader.StopAsync();
        (await welcome.WaitAsync(Until.Bound)).ShouldBeTrue();
        call.ResponseStream.Current.Welcome.Term.ShouldBe(2);
    }

    /// <summary>On one machine a follower sees that the leader's process is gone; beside another one's it has to wait for the row's life.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_killed_leader_is_replaced_as_soon_as_it_can_be_known_and_costs_no_failover_and_no_event(bool oneMachine)
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var planes = new Planes(database, oneMachine);
        var leader = await planes.StartAsync(3);
        var urls = planes.Urls;
        var model = Models.Web();
        // Longer than a takeover between machines: an agent whose lease is over ends it by itself, whoever leads.
        model.Groups[0].Timing = Models.Calm();
        model.Groups[0].Timing.Ttl = TimeSpan.FromSeconds(20).ToProto();
        using (var channel = GrpcChannel.ForAddress(leader.Url))
            (await new AdminService.AdminServiceClient(channel).ApplyAsync(model)).Errors.ShouldBeEmpty();
        await using var a = new RoamingAgent("a", urls);
        await using var b = new RoamingAgent("b", urls);
        await Until.HoldsAsync(() => Task.FromResult(a.Owns("web")), "a owns web");
        await b.UntilAnsweredAsync(1);
        await using var reader = RunningProcess.Start("hactl", "events", "--follow", "-n", "1000", "-o", "json", "--endpoint", string.Join(',', urls));
        List<string> registered = [];
        await RegisterAsync("before");
        await reader.LineAsync("host/before registered");

        var watch = new BootWatch();
        leader.Kill();
        var next = await planes.NextLeaderAsync(term: 2);
        var leads = watch.Elapsed;
        await a.UntilAnsweredAsync(2);
        var answered = watch.Elapsed;
        await b.UntilAnsweredAsync(2);
        await RegisterAsync("after");
        var written = watch.Elapsed;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"one machine: {oneMachine}; next leader after {leads.TotalMilliseconds:F0} ms, owner answered after {answered.TotalMilliseconds:F0} ms, "
            + $"hactl apply done after {written.TotalMilliseconds:F0} ms, longest time without an answered heartbeat {a.LongestGap.TotalMilliseconds:F0} ms");

        // How long that may take is asked of the lab; here, that nothing else was waited for.
        next.Process.Output.ShouldContain(oneMachine ? "leads, term 2: the process of the former leader (" : ") has not renewed for ");
        await reader.LineAsync("host/after registered");
        using var nextChannel = GrpcChannel.ForAddress(next.Url);
        var admin = new AdminService.AdminServiceClient(nextChannel);
        await Until.HoldsAsync(
            async () => (await admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "a", Epoch: 1, LeaseLeft: not null }, "a still owns web at epoch 1");
        var events = (await admin.ListEventsAsync(new() { Limit = 1000 })).Events;
        events.Count(e => e.Kind == "OwnerPromoted").ShouldBe(1);
        registered.ShouldAllBe(host => events.Any(e => e.Host == host));
        events.Select(e => e.Id).ShouldBe(Enumerable.Range(1, events.Count).Select(i => (long)i), "no number is missing");
        var seen = reader.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("id").GetInt64()).ToArray();
        seen.ShouldBe(Enumerable.Range(1, seen.Length).Select(i => (long)i), "a reader over the change of leader saw each event once");

        async Task RegisterAsync(string host)
        {
            var run = await Operator.RunWithAsync(string.Join(',', urls), $"hosts: [{{name: {host}}}]", "apply", "-f", "-");
            run.Code.ShouldBe(0, run.Error);
            registered.Add(host);
        }
    }

    [Fact]
    public async Task A_real_agent_finds_the_leader_past_a_silent_endpoint_and_the_next_one_when_that_is_killed()
    {
        await using var space = await LoopbackSpace.CreateAsync();
        var database = await cluster.CreateDatabaseAsync();
        await using var planes = new Planes(database, oneMachine: true) { Space = space };
        var leader = await planes.StartAsync(2);
        await using var silent = RunningProcess.StartCommand(
            space, [], "python3", "-c", "import socket; s=socket.create_server(('127.0.0.1', 7999)); print('ready', flush=True); input()");
        await silent.LineAsync("ready");
        var folder = Directory.CreateTempSubdirectory("hagrpc-roaming-");
        try
        {
            var register = RunningProcess.Start("hactl", space, [], "apply", "-f", "-", "--endpoint", string.Join(',', planes.Urls));
            await using (register)
            {
                await register.WriteAsync("hosts: [{name: a}]");
                (await register.ExitCodeAsync()).ShouldBe(0, register.Output);
            }
            await using var agent = RunningProcess.Start(
                "ha-agent", space, new() { ["HA_AGENT_CONTROLPLANE"] = "http://127.0.0.1:1" },
                ["--host", "a", "--control-plane", "http://127.0.0.1:7999", .. planes.Urls.SelectMany(url => (string[])["--control-plane", url]),
                    "--run-dir", $"{folder.FullName}/run", "--state-dir", $"{folder.FullName}/state", "--shim", Programs.RunningHost.Shim, "--log-level", "debug"]);
            await agent.LineAsync($"at {leader.Url}/ (term 1");

            var watch = new BootWatch();
            leader.Kill();
            await planes.NextLeaderAsync(term: 2);
            var leads = watch.Elapsed;
            await agent.LineAsync("(term 2");
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"leads after {leads.TotalMilliseconds:F0} ms, the agent is connected after {watch.Elapsed.TotalMilliseconds:F0} ms");
            agent.Output.ShouldNotContain("http://127.0.0.1:1/");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<Pair> PairAsync(TimeProvider? ofFollower = null)
    {
        var database = await cluster.CreateDatabaseAsync();
        var leader = await InProcessPlane.StartLeadingAsync($"--postgres={database}");
        await leader.ApplyAsync(Models.Web());
        var follower = await InProcessPlane.StartAtAsync(ofFollower, $"--postgres={database}");
        var seat = follower.Service<HaGrpc.ControlPlane.Leader.LeaderSeat>();
        await Until.HoldsAsync(() => Task.FromResult(seat.Elsewhere is not null), "it has seen the leader");
        return new(database, leader, follower);
    }

    private sealed record Pair(string Database, InProcessPlane Leader, InProcessPlane Follower) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Follower.DisposeAsync();
            await Leader.DisposeAsync();
        }
    }

    /// <summary>Takes connections and never says a word.</summary>
    private sealed class SilentEndpoint : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private volatile bool _hasSeenAnEnd;

        public SilentEndpoint()
        {
            _listener.Start();
            _ = TakeAsync();
        }

        /// <summary>True when somebody has closed a connection.</summary>
        public bool HasSeenAnEnd => _hasSeenAnEnd;

        public string Url => $"http://{_listener.LocalEndpoint}";

        public void Dispose() => _listener.Dispose();

        private async Task TakeAsync()
        {
            try
            {
                while (true)
                    _ = ListenAsync(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ListenAsync(Socket socket)
        {
            using (socket)
            {
                try
                {
                    var buffer = new byte[256];
                    while (await socket.ReceiveAsync(buffer) > 0)
                    {
                        // Not a word.
                    }
                }
                catch (SocketException)
                {
                    // An end, too.
                }
                _hasSeenAnEnd = true;
            }
        }
    }
}
