using System.Net;
using System.Net.Sockets;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Handover;

/// <summary>An operator's afternoon: what runs is observed, checked, handed over one by one, and never stops.</summary>
public sealed class HandoverTests : IAsyncDisposable
{
    private const string Address = "192.0.2.50/32";
    private readonly Sleepers _web = new();
    private readonly Sleepers _db = new();
    private readonly HandoverSpace _space = new();

    // Nothing here is about the end of a lease, and a busy machine may take its time.
    private string Manifest => $$"""
        hosts: [{ name: a }]
        groups:
          - name: web
            mode: observe
            timing: { ttl: 30s, heartbeat: 1s, takeover_margin: 1s }
            members: [{ host: a, priority: 100 }]
            vips: [{ address: {{Address}}, interface: eth0 }]
            programs:
              - { name: app, command: {{_web.Command}}, start_time: 0s, restart: always }
              - { name: db, command: {{_db.Command}}, start_time: 0s }
              - { name: off, command: /bin/true, autostart: false }
        """;

    public async ValueTask DisposeAsync()
    {
        await _space.DisposeAsync();
        foreach (var pid in _web.Alive().Concat(_db.Alive()))
            _ = Libc.Kill(pid, Libc.SigKill);
    }

    [Fact]
    public async Task What_runs_is_observed_and_handed_over_without_a_stop()
    {
        var web = _space.Start(_web.Command.Split(' '));
        var db = _space.Start(_db.Command.Split(' '));
        _space.Wire.Host.Ip($"addr add {Address} dev eth0");
        await _space.BeginAsync(Manifest);
        await _space.UntilAsync("web:app", s => s is { State: "OBSERVED" } && s.Pid == web.Id, "web:app is seen");
        using var client = Connect();

        // Observing touches nothing, and nobody can touch what is observed.
        (await _space.StatusAsync("web:off")).ShouldBe(("OBSERVED", 0, "not found"));
        var before = "";
        await Eventually.Until(
            "the kernel has looked for doubles of its own addresses (RFC 4862, 5.4)",
            Until.Bound,
            () => !(before = _space.Wire.Host.Command("ip", "-d", "addr", "show", "dev", "eth0")).Contains("tentative", StringComparison.Ordinal));
        var observed = await _space.RunAsync("observe", "web");
        observed.Code.ShouldBe(0, observed.Error + observed.Out);
        observed.Out.ShouldContain($"web:app is pid {web.Id}: {_web.Command}");
        observed.Out.ShouldContain($"-> would adopt pid {web.Id} as web:app");
        observed.Out.ShouldContain($"-> would keep {Address} on eth0, and announce it");
        var stop = await _space.RunAsync("stop", "web:app");
        (stop.Code, stop.Error).ShouldBe((1, "hactl: refused: only observed, somebody else runs it: web:app; hactl adopt hands it over\n"));
        (await _space.RunAsync("groups", "web")).Out.ShouldContain("only observed: 2 of 3 programs run on a; see hactl observe web");
        var preflight = await _space.RunAsync("preflight", "web");
        preflight.Out.ShouldContain($"{Address} is on eth0, to be kept");
        preflight.Out.ShouldContain($"web:app: pid {web.Id}, to be adopted");
        preflight.Code.ShouldBe(0, preflight.Out);
        _space.Wire.Host.Command("ip", "-d", "addr", "show", "dev", "eth0").ShouldBe(before);
        IsAlive(client).ShouldBeTrue();

        // The group and one program.
        using var changes = new AddressChanges(_space.Wire.Host);
        var first = await _space.RunAsync("adopt", "web:app");
        first.Code.ShouldBe(0, first.Error + _space.Said);
        first.Out.ShouldStartWith("web: a owns it, epoch ");
        (await _space.RunAsync("history", "web")).Out.ShouldContain("it was handed over as it ran on a");
        first.Out.ShouldEndWith($"""

              {Address}: stays where it is
              web:app: adopted pid {web.Id} on a
              web:db: still only observed
              web:off: still only observed
            web stays there until hactl unlock web; before that: hactl preflight web

            """);
        IsAlive(client).ShouldBeTrue("its connection was not cut");
        using (var later = Connect())
            IsAlive(later).ShouldBeTrue("the gate is open");
        changes.Deleted().ShouldBeEmpty();
        _space.Wire.Leased().ShouldContain("ip 192.0.2.50", "it is ours now");
        (await _space.StatusAsync("web:db")).ShouldBe(("OBSERVED", db.Id, $"pid {db.Id}"));
        (await _space.StatusAsync("web:app")).State.ShouldBe("RUNNING");
        (await _space.RunAsync("switchover", "web")).Error.ShouldContain("somebody else runs web:db, web:off, which would stay where it is");

        // The rest.
        var second = await _space.RunAsync("adopt", "web");
        second.Code.ShouldBe(0, second.Error + _space.Said);
        second.Out.ShouldContain($"  web:db: adopted pid {db.Id} on a\n  web:off: not found, and not wanted to run\n");
        (await _space.RunAsync("groups", "web", "-v")).Out.ShouldContain("group web, by ");
        (await _space.RunAsync("unlock", "web")).Code.ShouldBe(0);
        var (state, pid, _) = await _space.StatusAsync("web:db");
        (state, pid).ShouldBe(("RUNNING", db.Id));

        // From here on it is as any other: an agent's restart changes nothing, an end is answered by a new start, a stop stops.
        _space.Agent.Signal(Libc.SigKill);
        await _space.Agent.UntilExited();
        _space.StartAgent();
        await _space.Agent.UntilSaid("OwnershipResumed web@");
        await _space.UntilAsync("web:app", s => s.State == "RUNNING" && s.Pid == web.Id, "the next agent says that it runs as before");
        web.Kill();
        await _space.UntilAsync("web:app", s => s.State == "RUNNING" && s.Pid != web.Id && s.Pid > 0, "web:app runs anew");
        (await _space.RunAsync("stop", "web:db")).Code.ShouldBe(0);
        await db.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Until.Bound);
        await _db.AreGone();
    }

    [Fact]
    public async Task What_is_not_clear_is_refused_with_everything_that_stands_against_it()
    {
        var one = _space.Start(_web.Command.Split(' '));
        var two = _space.Start(_web.Command.Split(' '));
        _space.Wire.Host.Ip("addr add 192.0.2.50/24 dev eth0");
        await _space.BeginAsync(Manifest);
        await _space.UntilAsync("web:app", s => s.Description.StartsWith("2 match", StringComparison.Ordinal), "both are seen");
        int[] pids = [Math.Min(one.Id, two.Id), Math.Max(one.Id, two.Id)];
        (await _space.StatusAsync("web:app")).Description.ShouldBe($"2 match: pids {pids[0]}, {pids[1]}");
        var refused = await _space.RunAsync("adopt", "web");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("192.0.2.50 is on a with /24, and registered as 192.0.2.50/32: it would be there twice; correct one of them");
        refused.Error.ShouldContain($"web:app on a: 2 processes match, pids {pids[0]}, {pids[1]}: say which with adopt: (pid, pidfile or command)");
        (await _space.RunAsync("groups", "web")).Out.ShouldContain("Observed");

        // Neither does a manifest hand it over, or take it back.
        var file = Path.Combine(_space.Folder, "manage.yaml");
        await File.WriteAllTextAsync(file, Manifest.Replace("mode: observe", "mode: manage", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await _space.RunAsync("apply", "-f", file)).Error.ShouldContain("web is only observed: hactl adopt web hands it over; leave mode out here");

        // One of them is named.
        await File.WriteAllTextAsync(
            file,
            Manifest.Replace("    mode: observe\n", "", StringComparison.Ordinal).Replace(Address, "192.0.2.50/24", StringComparison.Ordinal)
                .Replace("restart: always", $"restart: always, adopt: {{ pid: {two.Id} }}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        var applied = await _space.RunAsync("apply", "-f", file);
        applied.Code.ShouldBe(0, applied.Out + applied.Error);
        await _space.UntilAsync("web:app", s => s.State == "OBSERVED" && s.Pid == two.Id, "it is still observed, and told from the other");
        (await _space.RunAsync("adopt", "web", "--dry-run")).Out.ShouldContain($"web:app: adopts pid {two.Id} on a");
        (await _space.RunAsync("status", "web:app")).Out.ShouldContain("OBSERVED");
    }

    [Fact]
    public async Task Children_of_a_living_supervisord_are_taken_over_by_force_and_outlive_it()
    {
        var ini = Path.Combine(_space.Folder, "supervisord.conf");
        await File.WriteAllTextAsync(ini, $"""
            [supervisord]
            nodaemon=true
            logfile={_space.Folder}/supervisord.log
            pidfile={_space.Folder}/supervisord.pid
            [program:app]
            command={_web.Command}
            autorestart=true
            """, TestContext.Current.CancellationToken);
        var supervisord = _space.Start("supervisord", "-c", ini);
        await _web.Are(1);
        var pid = _web.Alive()[0];
        await _space.BeginAsync(Manifest);
        await _space.UntilAsync("web:app", s => s is { State: "OBSERVED" } && s.Pid == pid, "it is seen");
        var refused = await _space.RunAsync("adopt", "web:app");
        (refused.Code, refused.Error).ShouldBe((1, $"hactl: refused: web:app on a: pid {pid} has a living supervisord (pid {supervisord.Id}) as its parent, which would start it again: --force takes it over all the same\n"));
        var preflight = await _space.RunAsync("preflight", "web");
        preflight.Out.ShouldContain($"pid {pid}, whose parent supervisord (pid {supervisord.Id}) would start it again");
        preflight.Out.ShouldContain($"kill -9 {supervisord.Id}");

        var adopted = await _space.RunAsync("adopt", "web:app", "--force", "--yes", "web");
        adopted.Out.ShouldContain($"web:app: adopted pid {pid} on a", customMessage: adopted.Error + _space.Said);
        supervisord.Kill();
        supervisord.WaitForExit();
        (await _space.StatusAsync("web:app")).Pid.ShouldBe(pid);
        _web.Alive().ShouldBe([pid]);
        _ = Libc.Kill(pid, Libc.SigKill);
        await _space.UntilAsync("web:app", s => s.State == "RUNNING" && s.Pid != pid && s.Pid > 0, "it runs anew, as ours");
        await _web.Are(1);
    }

    private TcpClient Connect()
    {
        _listener ??= Listen();
        var client = _space.Wire.Peer.Do(() => new TcpClient(AddressFamily.InterNetwork));
        client.Connect(HostOnWire.Address4, 4001);
        return client;
    }

    private Socket? _listener;

    private Socket Listen()
    {
        var listener = _space.Wire.Host.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Any, 4001));
        listener.Listen();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var accepted = await listener.AcceptAsync();
                _ = Task.Run(async () =>
                {
                    var buffer = new byte[16];
                    for (int count; (count = await accepted.ReceiveAsync(buffer)) > 0;)
                        await accepted.SendAsync(buffer.AsMemory(0, count));
                });
            }
        });
        return listener;
    }

    // A word there and back: through the gate in both directions.
    private static bool IsAlive(TcpClient client)
    {
        client.ReceiveTimeout = 20_000;
        client.Client.Send([7]);
        return client.Client.Receive(new byte[1]) == 1;
    }
}
