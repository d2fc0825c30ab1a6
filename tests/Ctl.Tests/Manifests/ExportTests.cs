using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Manifests.Exporting;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Manifests;

/// <summary>What is registered as a manifest, and read again.</summary>
public sealed class ExportTests
{
    /// <summary>Every field with a value that is not its default.</summary>
    internal const string Whole = """
        hosts:
          - name: a
            description: "first: rack 1"
            fence: {agent: fence_ipmilan, action: reboot, timeout: 1m30s, options: {ip: 10.0.0.9, username: ops}}
          - {name: b, fence: {agent: fence_dummy}}
        groups:
          - name: web
            members:
              - {host: a, priority: 120}
              - {host: b, priority: 80}
            vips:
              - {address: 10.0.0.100/24, interface: eth0, label: "eth0:vip", script: /usr/local/sbin/claim-vip}
            routes:
              - {destination: 10.20.0.0/16, gateway: 10.0.0.1, interface: eth0, source: 10.0.0.100}
            timing: {ttl: 2s, heartbeat: 400ms, takeover_margin: 150ms, solo_ttl: 5m}
            flap_budget: {moves: 3, window: 10m}
            failback: {mode: automatic, delay: 5m, window: {from: "22:00", to: "04:30", zone: Asia/Shanghai, days: [sat, sun]}}
            fencing: required
            sync_group: shop
            locked: true
            mode: observe
            hooks:
              - name: mount
                events: [promote, demote]
                phase: before
                command: [/usr/bin/mount, "it's: #1"]
                timeout: 20s
              - name: tell
                events: fault
                command: [/usr/bin/tell]
                user: apps
                style: keepalived_state
            checks:
              - {name: gateway, ping: 10.0.0.1, interval: 2s, timeout: 500ms, rise: 4, fall: 5, weight: -30, init_fail: true}
              - {name: disk, exec: [/usr/bin/test, "-w", /srv], user: apps, reverse: true}
              - {name: uplink, link: eth1}
            directories:
              - {path: /srv/app, exclude: ["*.log", cache/], max_lag: 30m}
            announce_interval: 0s
            duplicate_probe_interval: 2s
            drop_connections: true
            programs:
              - name: db
                command: /usr/bin/db --data /srv/db
                autostart: false
                directory: /srv/db
                user: apps
                umask: "022"
                environment: {ANSWER: "yes", EMPTY: "", MODE: production}
                priority: 100
                restart: always
                exit_codes: [0, 2]
                start_time: 5s
                start_retries: 7
                backoff: {initial: 2s, longest: 2m}
                fatal_retry_after: 10m
                fatal_action: fail_over
                readiness: {tcp: "127.0.0.1:80", interval: 1s, timeout: 3s, rise: 2, fall: 4, start_period: 10s}
                ready_timeout: 2m
                liveness: {exec: /bin/check, interval: 7s, timeout: 3s, rise: 2, fall: 4, start_period: 10s}
                stop_signal: INT
                stop_timeout: 1m
                stop_as_group: true
                stdout_logfile: /var/log/db
                stdout_logfile_maxbytes: 10mb
                stdout_logfile_backups: 3
                stderr_logfile: /var/log/db.err
                stderr_logfile_maxbytes: 0
                stderr_logfile_backups: 4
                logfile_max_age: 24h
                logfile_compress: true
                limits:
                  rlimits:
                    as: 4gb
                    core: unlimited
                    cpu: "60"
                    data: 1gb
                    fsize: 2gb
                    memlock: 64kb
                    msgqueue: 800kb
                    nofile: "1000:2000"
                    nproc: 50:unlimited
                    rtprio: "5"
                    rttime: "200000"
                    sigpending: "100"
                    stack: 8mb
                  nice: -5
                  oom_score_adj: 100
                  memory: 512mb
                  memory_swap: 64mb
                  cpu: 150%
                  pids: 40
                mode: observe
                adopt: {pidfile: /run/db.pid, user: dba}
              - name: grpc
                command: /bin/grpc
                fatal_action: restart_group
                readiness: {grpc: "127.0.0.1:50051/shop"}
                liveness: {http: "http://127.0.0.1:8080/"}
                adopt: {command: "^/bin/grpc"}
              - name: http
                command: /bin/http
                readiness: {http: "http://127.0.0.1/"}
                liveness: {tcp: "127.0.0.1:80"}
                redirect_stderr: true
              - name: migrate
                command: /bin/migrate
                oneshot: true
                restart: never
                adopt: {pid: 4711}
              - name: notify
                command: /bin/notify
                run_on: all
                readiness: {notify: true}
                liveness: {grpc: "127.0.0.1:50051"}
              - name: worker
                command: /usr/bin/worker --port 80%(process_num)02d %%
                process_name: worker_%(process_num)02d
                numprocs: 3
                numprocs_start: 9
                after: [db]
                readiness: {exec: /bin/true}
                adopt: {pidfile: /run/worker_%(process_num)02d.pid}

        """;

    [Fact]
    public void What_was_registered_is_written_as_it_was_said()
    {
        var registry = Registered(Whole);
        var text = Written(registry);
        text.ShouldBe(Whole);
        Registered(text).ShouldBe(registry);
    }

    [Fact]
    public void Defaults_are_not_written_and_everything_stands_in_the_order_of_its_names()
    {
        var made = Of(
            Registered("""
                hosts: [{name: b}, {name: a}]
                groups:
                  - {name: z, members: [{host: a, priority: 1}], timing: fast, programs: [{name: q, command: /bin/q}, {name: p, command: /bin/p}]}
                  - {name: m, members: [{host: b, priority: 1}]}
                """));
        made.Problems.ShouldBeEmpty();
        made.Text.ShouldBe("""
            hosts:
              - {name: a}
              - {name: b}
            groups:
              - name: m
                members:
                  - {host: b, priority: 1}
              - name: z
                members:
                  - {host: a, priority: 1}
                timing: fast
                programs:
                  - name: p
                    command: /bin/p
                  - name: q
                    command: /bin/q

            """);
    }

    [Fact]
    public void Selectors_take_groups_with_their_hosts_or_programs_alone()
    {
        var registry = Registered("""
            hosts: [{name: a}, {name: b}]
            groups:
              - {name: one, members: [{host: a, priority: 1}], programs: [{name: p, command: /bin/p}, {name: "w", process_name: "w%(process_num)d", numprocs: 2, command: /bin/w}]}
              - {name: two, members: [{host: b, priority: 1}]}
            """);
        const string two = "hosts:\n  - {name: b}\ngroups:\n  - name: two\n    members:\n      - {host: b, priority: 1}\n";
        const string w = "programs:\n  - group: one\n    name: w\n    command: /bin/w\n    process_name: w%(process_num)d\n    numprocs: 2\n";
        Written(registry, "two").ShouldBe(two);
        Written(registry, "group/two").ShouldBe(two);
        Written(registry, "one:w").ShouldBe(w);
        Written(registry, "one:w1").ShouldBe(w, "a process stands for what it was made of");
        Written(registry, "program/one:p", "host/b").ShouldBe("hosts:\n  - {name: b}\nprograms:\n  - group: one\n    name: p\n    command: /bin/p\n");
        Written(registry, "one:*", "two").ShouldBe(two + "programs:\n  - group: one\n    name: p\n    command: /bin/p\n" + w["programs:\n".Length..]);
        Written(registry, "one", "one:p").ShouldBe(Written(registry, "one"));
        Written(registry, "all").ShouldBe(Written(registry));
        Written(new()).ShouldBe("");
        ExportSelection.Of(["tow", "one:q", "host/c", "nope:p", "vip/x"], registry).Unknown.ShouldBe(
        [
            "no group is called 'tow'; did you mean 'two'?",
            "no program is called 'one:q'; did you mean 'one:p'?",
            "no host is called 'c'",
            "no group is called 'nope'",
            "'vip/x' is no selector: give GROUP, GROUP:NAME, GROUP:*, host/NAME or all",
        ]);
    }

    [Theory]
    [InlineData("w%(process_num)d", "/bin/w %(process_num)d", 2, 10)]
    [InlineData("w_%(process_num)02d", "/bin/w --port 80%(process_num)02d --of %(numprocs)d", 12, 0)]
    [InlineData("1-%(process_num)d-9", "/bin/w %(process_num)d%(process_num)d", 11, 0)]
    [InlineData("%(group_name)s-%(process_num)03d", "/bin/w '50%%' %(ENV_HOME)s/%(process_num)d", 3, 99)]
    [InlineData("only", "/bin/w %(process_num)d", 1, 7)]
    public void Processes_are_put_together_again(string processName, string command, int count, int start)
    {
        var registry = Registered($$"""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 1}]
                programs:
                  - name: w
                    process_name: "{{processName}}"
                    command: "{{command}}"
                    environment: {N: "%(process_num)d"}
                    numprocs: {{count}}
                    numprocs_start: {{start}}
            """);
        var made = Of(registry);
        made.Problems.ShouldBeEmpty();
        Registered(made.Text).ShouldBe(registry);
    }

    [Fact]
    public void What_cannot_be_put_together_is_told()
    {
        var registry = Registered("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 1}]
                programs: [{name: w, process_name: "w%(process_num)d", command: "/bin/w %(process_num)d", numprocs: 2}]
            """);
        registry.Programs[1].Command = "/bin/other";
        Of(registry).Problems.ShouldHaveSingleItem().ShouldStartWith("web:w: its 2 processes differ in more than their number");
    }

    [Fact]
    public void An_operators_stop_is_not_exported()
    {
        var registry = Registered("hosts: [{name: a}]\ngroups: [{name: web, members: [{host: a, priority: 1}], programs: [{name: x, command: /bin/x, desired: stopped}]}]");
        registry.Programs[0].RestartGeneration = 7;
        Of(registry).Text.ShouldEndWith("      - name: x\n        command: /bin/x\n");
    }

    private static RegistryManifest Of(ExportResponse registry, params string[] selectors) =>
        RegistryManifest.Of(registry, ExportSelection.Of(selectors, registry));

    private static string Written(ExportResponse registry, params string[] selectors) => Of(registry, selectors).Text;

    /// <summary>What the control plane would have stored.</summary>
    internal static ExportResponse Registered(string text)
    {
        var manifest = Read.Text(text);
        Read.Errors(manifest).ShouldBe("");
        var model = manifest.Request.ToModel([]);
        var registry = new ExportResponse();
        registry.Hosts.AddRange(model.Hosts.Select(h => h.ToProto()).OrderBy(h => h.Name, StringComparer.Ordinal));
        registry.Groups.AddRange(model.Groups.Select(g => g.ToProto()).OrderBy(g => g.Name, StringComparer.Ordinal));
        registry.Programs.AddRange(model.Programs.SelectMany(program => ProgramExpansion.Of(program)).Select(p => p.ToProto())
            .OrderBy(p => p.Group, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal));
        return registry;
    }
}
