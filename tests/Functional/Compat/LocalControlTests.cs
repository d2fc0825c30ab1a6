using System.Collections.Concurrent;
using System.Net;
using System.Text;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Compat;

/// <summary>What is ours alone: the control plane stores what supervisorctl asks for, and may be away.</summary>
public sealed class LocalControlTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hagrpc-compat-").FullName;
    private static readonly Wanted[] Programs =
    [
        new("solo", "solo", "/bin/sleep 1000", Autostart: true),
        new("app", "web", "/bin/sh -c 'echo hello; exec sleep 1000'", Autostart: true, Logged: true),
        new("app", "once", "/bin/sh -c 'sleep 0.2'"),
    ];

    private ServedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync($"{_folder}/login", "ops:secret\n");
        File.SetUnixFileMode($"{_folder}/login", UnixFileMode.UserRead);
        _agent = await ServedAgent.StartAsync(_folder, Programs, "--supervisor-http", HttpAddress, "--supervisor-login", $"{_folder}/login");
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // An address of its own: a port that is free now is soon another connection's.
    private static string HttpAddress { get; } = $"127.{1 + (Environment.ProcessId % 250)}.{(Environment.ProcessId / 250 % 250) + 1}.254:9001";

    [Fact]
    public async Task The_control_plane_stores_what_was_asked_and_who_asked()
    {
        await _agent.SayAsync("stop solo", "start app:once", "!until EXITED app:once", "start app:once");
        await _agent.UntilAsync("the control plane has it all", lines =>
            lines.Any(l => l.Program.Name == "solo" && l.Status?.State == ProgramState.Stopped) && lines.Any(l => l.Program is { Name: "once", RestartGeneration: 1 }));
        var programs = (await _agent.ProgramsAsync()).ToDictionary(l => l.Program.Name, l => l.Program);
        programs["solo"].DesiredState.ShouldBe(DesiredState.Stopped);
        programs["once"].DesiredState.ShouldBe(DesiredState.Running);
        programs["once"].RestartGeneration.ShouldBe(1);
        var events = (await _agent.Plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events;
        var stop = events.Single(e => e.Kind == "ProgramStopRequested");
        (stop.Program, stop.Actor, stop.Message).ShouldBe(("solo", $"supervisorctl on a as {Environment.UserName}", "Stop of solo:solo: supervisorctl stop"));
        var status = await Operator.RunAsync(_agent.Plane.GrpcUrl, "status", "solo");
        status.Out.TrimEnd().ShouldMatch($@" STOPPED   .*, host a, by supervisorctl on a as {Environment.UserName} \d+ s ago: supervisorctl stop$");
    }

    [Fact]
    public async Task Programs_are_told_where_supervisorctl_is_answered_as_Supervisor_tells_its_own()
    {
        var solo = (await _agent.ProgramsAsync()).Single(l => l.Program.Name == "solo");
        var environment = (await File.ReadAllTextAsync($"/proc/{solo.Status.Pid}/environ")).Split('\0');
        environment.ShouldContain($"SUPERVISOR_SERVER_URL=unix://{_agent.Socket}");
    }

    [Fact]
    public async Task What_a_failed_oneshot_holds_up_says_what_it_waits_for()
    {
        var migrate = new Wanted("shop", "migrate", "/bin/sh -c 'exit 3'", Autostart: true).ToProto(_folder);
        (migrate.Oneshot, migrate.Priority) = (true, 1);
        var till = new Wanted("shop", "till", "/bin/sleep 1000", Autostart: true).ToProto(_folder);
        till.Priority = 2;
        await _agent.Plane.ApplyAsync(new()
        {
            Groups = { Models.Group("shop", new Member { Host = "a", Priority = 100 }) },
            Programs = { migrate, till },
        });
        await _agent.UntilAsync("till is held up", lines => lines.Any(l => l.Program.Name == "till" && l.Status?.Detail.Length > 0));
        (await _agent.SayAsync("status shop:till")).ShouldBe("""
            $ status shop:till
            shop:till                        STOPPED   waits for shop:migrate, which has to run to its end first and failed
            exit 3

            """);
    }

    /// <summary>Between a stop and a start of one wish an agent may die, and what is kept is told to the control plane.</summary>
    [Fact]
    public async Task A_start_is_written_down_in_one_piece()
    {
        const string Marker = "all of it has been seen";
        await _agent.PlaneGoesAsync();
        var replaced = new ConcurrentQueue<string>();
        using var watch = new FileSystemWatcher(_agent.StateDirectory);
        watch.Renamed += (_, renamed) => replaced.Enqueue(renamed.Name!);
        watch.Created += (_, created) => replaced.Enqueue(created.Name!);
        watch.EnableRaisingEvents = true;

        (await _agent.SayAsync("start app:once")).ShouldContain("app:once: started");

        File.Create($"{_agent.StateDirectory}/{Marker}").Dispose();
        await Until.HoldsAsync(() => Task.FromResult(replaced.Contains(Marker)), "every change is seen");
        replaced.Count(name => name == "wishes.json").ShouldBe(1);
    }

    [Fact]
    public async Task Without_the_control_plane_it_acts_remembers_and_tells_later()
    {
        await _agent.PlaneGoesAsync();
        var asked = TimeProvider.System.GetUtcNow();
        var said = await _agent.SayAsync("stop solo", "start app:once", "!until EXITED app:once", "start app:once", "restart app:web");
        said.ShouldBe("""
            $ stop solo
            solo: stopped
            exit 0
            $ start app:once
            app:once: started
            exit 0
            $ !until EXITED app:once
            $ start app:once
            app:once: started
            exit 0
            $ restart app:web
            app:web: stopped
            app:web: started
            exit 0

            """);

        await _agent.KillAgentAsync();
        _agent.StartAgent();
        (await _agent.SayAsync("!until RUNNING app:web", "status solo")).ShouldContain("STOPPED");

        var back = TimeProvider.System.GetUtcNow();
        await _agent.PlaneComesBackAsync();
        await _agent.UntilAsync("the stop is stored", lines =>
            lines.Any(l => l.Program is { Name: "solo", DesiredState: DesiredState.Stopped } && l.Status?.State == ProgramState.Stopped)
            && lines.Any(l => l.Program is { Name: "once", DesiredState: DesiredState.Running }));
        (await _agent.ProgramsAsync()).Single(l => l.Program.Name == "web").Program.DesiredState.ShouldBe(DesiredState.Running);
        var origin = (await _agent.ProgramsAsync()).Single(l => l.Program.Name == "solo").Desired;
        (origin.By, origin.Reason).ShouldBe(($"supervisorctl on a as {Environment.UserName}", "asked on this host while the control plane was out of reach"));
        origin.At.ToDateTimeOffset().ShouldBeInRange(asked, back, "when it was stopped, not when it was told");
    }

    [Fact]
    public async Task The_owner_counts_the_clients_before_its_group_is_stopped()
    {
        var url = _agent.Plane.GrpcUrl;
        await _agent.SayAsync("!until RUNNING app:web");
        var refused = await Operator.RunAsync(url, "stop", "app");
        (refused.Code, refused.Out).ShouldBe((2, ""));
        refused.Error.ShouldContain("  app on a, epoch 1: 1 program running (app:web); no VIPs; 0 clients connected\n");
        refused.Error.ShouldEndWith("hactl: it must be confirmed: --yes app; nothing was done\n");
        (await _agent.ProgramsAsync()).Single(l => l.Program.Name == "web").Status.State.ShouldBe(ProgramState.Running);

        (await Operator.RunAsync(url, "stop", "app", "--yes", "app")).Out.ShouldBe("app:web: stopped\n");
    }

    [Fact]
    public async Task A_group_that_this_host_does_not_own_is_left_alone()
    {
        var locked = Models.Group("far", new Member { Host = "a", Priority = 1 }, new Member { Host = "z", Priority = 2 });
        locked.Locked = true;
        await _agent.Plane.ApplyAsync(new()
        {
            Hosts = { new Host { Name = "z" } },
            Groups = { locked },
            Programs = { Models.Program("far", "far") },
        });
        (await _agent.SayAsync("!until STOPPED far", "start far", "stop far", "status far")).ShouldBe($"""
            $ !until STOPPED far
            $ start far
            far: ERROR (spawn error)
            exit 7
            $ stop far
            FAILED: far: nobody owns far now
            exit 1
            $ status far
            {"far",-33}{"STOPPED",-10}nobody owns far now
            exit 3

            """);
        (await _agent.ProgramsAsync()).Single(l => l.Program.Name == "far").Program.DesiredState.ShouldBe(DesiredState.Running);
    }

    [Fact]
    public async Task Shutdown_and_reload_are_refused_and_the_agents_own_things_are_its_own()
    {
        var said = Supervisorctl.ByCommand(await _agent.SayAsync("shutdown", "reload", "version", "maintail"));
        said["1: shutdown"].ShouldContain("systemctl stop ha-agent");
        said["1: shutdown"].ShouldEndWith("exit 1\n");
        said["2: reload"].ShouldContain("supervisorctl restart all");
        said["3: version"].ShouldStartWith("ha-agent ");
        said["4: maintail"].ShouldContain("\"@mt\"");
        (await _agent.SayAsync("status solo")).ShouldContain("RUNNING");
    }

    [Fact]
    public async Task Http_wants_the_login_and_calls_only()
    {
        using var client = new HttpClient { BaseAddress = new($"http://{HttpAddress}") };
        (await Post(client, "text/xml", Call("supervisor.getVersion"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ops:secret"u8));
        var answer = await Post(client, "text/xml", Call("supervisor.getVersion"));
        (await answer.Content.ReadAsStringAsync()).ShouldContain("<string>3.0</string>");
        (await (await Post(client, "text/xml", Call("supervisor.nope"))).Content.ReadAsStringAsync()).ShouldContain("UNKNOWN_METHOD");
        (await Post(client, "text/plain", Call("supervisor.getVersion"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Post(client, "text/xml", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + Call("supervisor.getVersion"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var deep = string.Concat(Enumerable.Repeat("<value><array><data>", 5000));
        (await Post(client, "text/xml", $"<methodCall><methodName>x</methodName><params><param>{deep}</param></params></methodCall>"))
            .StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetAsync(new Uri("/", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync(new Uri("/logtail/app:web/bogus", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
            .StatusCode.ShouldBe(HttpStatusCode.NotFound);
        client.DefaultRequestHeaders.Authorization = new("basic", Convert.ToBase64String("ops:secret"u8));
        var read = Call("supervisor.readProcessStdoutLog", "<string>app:web</string>", "<string>1</string>", "<int>4</int>");
        (await (await Post(client, "text/xml", read)).Content.ReadAsStringAsync()).ShouldContain("<string>ello</string>");
    }

    private static string Call(string method, params string[] values) =>
        $"<methodCall><methodName>{method}</methodName><params>{Parameters(values)}</params></methodCall>";

    private static string Parameters(string[] values) => string.Concat(values.Select(v => $"<param><value>{v}</value></param>"));

    private static Task<HttpResponseMessage> Post(HttpClient client, string type, string body) =>
        client.PostAsync(new Uri("/RPC2", UriKind.Relative), new StringContent(body, Encoding.UTF8, type));
}
