using HaGrpc.Contracts;
using HaGrpc.V1;
using GroupTiming = HaGrpc.Core.Model.GroupTiming;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class GoodManifestTests
{
    [Fact]
    public void Everything_that_can_be_written_arrives()
    {
        var manifest = Read.Text("""
            hosts: [{name: a, description: rack 1}, {name: b}]
            groups:
              - name: web
                members: [{host: a, priority: 120}, {host: b, priority: 80}]
                vips:
                  - {address: 10.0.0.100/24, interface: eth0, label: "eth0:vip"}
                  - {address: "2001:db8::100/128", interface: eth0, script: /usr/local/sbin/claim-vip}
                routes:
                  - {destination: 10.20.0.0/16, gateway: 10.0.0.1, interface: eth0, source: 10.0.0.100}
                timing: {ttl: 2s, heartbeat: 400ms, takeover_margin: 250ms, solo_ttl: 5m}
                failback: {mode: automatic, delay: 5m, window: {from: "01:30", to: "04:00", zone: Asia/Shanghai, days: [sat, sun]}}
                announce_interval: 10s
                duplicate_probe_interval: 2s
                drop_connections: true
                fencing: required
                sync_group: shop
                locked: true
                programs:
                  - name: db
                    command: /usr/bin/db "a b"
                    directory: /srv/db
                    user: apps
                    environment: {A: b, N: 1, EMPTY: ""}
                    priority: 100
                    desired: stopped
                    restart: always
                    start_time: 5s
                    start_retries: 9
                    exit_codes: [0, 2]
                    stop_signal: INT
                    stop_timeout: 1m30s
                    umask: 022
                    stdout_logfile: /var/log/db.log
                    stderr_logfile: NONE
                    redirect_stderr: true
                    process_name: "%(program_name)s_%(process_num)02d"
                    numprocs: 1
                    numprocs_start: 4
                    autostart: false
                    stop_as_group: true
                    after: [store, queue]
                    backoff: {initial: 500ms, longest: 30s}
                    fatal_retry_after: 5m
                    fatal_action: restart_group
                    readiness: {notify: true, start_period: 1s}
                    ready_timeout: 30s
                    liveness: {http: "http://127.0.0.1/", interval: 1s, timeout: 500ms, rise: 2, fall: 4}
                    stdout_logfile_maxbytes: 64kb
                    stdout_logfile_backups: 0
                    stderr_logfile_maxbytes: 5000
                    stderr_logfile_backups: 3
                    logfile_max_age: 24h
                    logfile_compress: true
                    limits:
                      rlimits: {nofile: "1024:65536", core: unlimited, memlock: 64mb, cpu: 60, stack: {soft: 8MB, hard: unlimited}}
                      nice: -5
                      oom_score_adj: 500
                      memory: 512mb
                      memory_swap: 0
                      cpu: 150%
                      pids: 200
            """);
        Read.Errors(manifest).ShouldBe("");
        var program = new Program
        {
            Group = "web",
            Name = "db",
            Command = "/usr/bin/db \"a b\"",
            Directory = "/srv/db",
            User = "apps",
            Environment = { ["A"] = "b", ["N"] = "1", ["EMPTY"] = "" },
            Priority = 100,
            DesiredState = DesiredState.Stopped,
            Restart = RestartPolicy.Always,
            StartTime = TimeSpan.FromSeconds(5).ToProto(),
            StartRetries = 9,
            ExitCodes = { 0, 2 },
            StopSignal = "INT",
            StopTimeout = TimeSpan.FromSeconds(90).ToProto(),
            Umask = "022",
            StdoutLogfile = "/var/log/db.log",
            StderrLogfile = "NONE",
            RedirectStderr = true,
            ProcessName = "%(program_name)s_%(process_num)02d",
            Numprocs = 1,
            NumprocsStart = 4,
            Autostart = false,
            StopAsGroup = true,
            After = { "store", "queue" },
            Backoff = new() { Initial = TimeSpan.FromMilliseconds(500).ToProto(), Longest = TimeSpan.FromSeconds(30).ToProto() },
            FatalRetryAfter = TimeSpan.FromMinutes(5).ToProto(),
            FatalAction = FatalAction.RestartGroup,
            RunOn = RunOn.Owner,
            Readiness = new()
            {
                Kind = CheckKind.Notify,
                Interval = TimeSpan.FromMilliseconds(500).ToProto(),
                Timeout = TimeSpan.FromSeconds(2).ToProto(),
                Rise = 1,
                Fall = 3,
                StartPeriod = TimeSpan.FromSeconds(1).ToProto(),
            },
            ReadyTimeout = TimeSpan.FromSeconds(30).ToProto(),
            Liveness = new()
            {
                Kind = CheckKind.Http,
                Target = "http://127.0.0.1/",
                Interval = TimeSpan.FromSeconds(1).ToProto(),
                Timeout = TimeSpan.FromMilliseconds(500).ToProto(),
                Rise = 2,
                Fall = 4,
                StartPeriod = TimeSpan.Zero.ToProto(),
            },
            StdoutLogfileMaxbytes = 65536,
            StdoutLogfileBackups = 0,
            StderrLogfileMaxbytes = 5000,
            StderrLogfileBackups = 3,
            LogfileMaxAge = TimeSpan.FromDays(1).ToProto(),
            LogfileCompress = true,
            Limits = new()
            {
                Rlimits =
                {
                    ["nofile"] = new() { Soft = 1024, Hard = 65536 },
                    ["core"] = new(),
                    ["memlock"] = new() { Soft = 67108864, Hard = 67108864 },
                    ["cpu"] = new() { Soft = 60, Hard = 60 },
                    ["stack"] = new() { Soft = 8388608 },
                },
                Nice = -5,
                OomScoreAdj = 500,
                Memory = 536870912,
                MemorySwap = 0,
                CpuMillis = 1500,
                Pids = 200,
            },
        };
        manifest.Request.ShouldBe(new ApplyRequest
        {
            Hosts = { new Host { Name = "a", Description = "rack 1" }, new Host { Name = "b" } },
            Groups =
            {
                new Group
                {
                    Name = "web",
                    Members = { new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 } },
                    Vips =
                    {
                        new Vip { Address = "10.0.0.100/24", Interface = "eth0", Label = "eth0:vip" },
                        new Vip { Address = "2001:db8::100/128", Interface = "eth0", Script = "/usr/local/sbin/claim-vip" },
                    },
                    Routes =
                    {
                        new Route
                        {
                            Destination = "10.20.0.0/16", Gateway = "10.0.0.1", Interface = "eth0", Source = "10.0.0.100",
                        },
                    },
                    Timing = new()
                    {
                        Ttl = TimeSpan.FromSeconds(2).ToProto(),
                        Heartbeat = TimeSpan.FromMilliseconds(400).ToProto(),
                        TakeoverMargin = TimeSpan.FromMilliseconds(250).ToProto(),
                        SoloTtl = TimeSpan.FromMinutes(5).ToProto(),
                    },
                    Failback = new()
                    {
                        Mode = FailbackMode.Automatic,
                        Delay = TimeSpan.FromMinutes(5).ToProto(),
                        Window = new() { FromMinute = 90, ToMinute = 240, Zone = "Asia/Shanghai", Days = { WeekDay.Saturday, WeekDay.Sunday } },
                    },
                    AnnounceInterval = TimeSpan.FromSeconds(10).ToProto(),
                    DropConnections = true,
                    Fencing = Fencing.Required,
                    DuplicateProbeInterval = TimeSpan.FromSeconds(2).ToProto(),
                    SyncGroup = "shop",
                    Locked = true,
                },
            },
            Programs = { program },
        });
    }

    [Fact]
    public void Absent_fields_are_supervisors_defaults_and_a_desired_state_is_not_invented()
    {
        var manifest = Read.Text("programs: [{group: g, name: p, command: /bin/p}]");
        Read.Errors(manifest).ShouldBe("");
        var program = manifest.Request.Programs.Single();
        program.DesiredState.ShouldBe(DesiredState.Unspecified);
        program.ToModel().ToProto().ShouldBe(
            new Core.Model.Program { Name = new("g", "p"), Command = "/bin/p" }.ToProto());
    }

    [Theory]
    [InlineData("default")]
    [InlineData("fast")]
    [InlineData("calm")]
    public void A_profile_is_a_word(string profile)
    {
        var expected = profile switch { "fast" => GroupTiming.Fast, "calm" => GroupTiming.Calm, _ => GroupTiming.Default };
        var manifest = Read.Text($"groups: [{{name: g, members: [{{host: a, priority: 1}}], timing: {profile}, failback: manual}}]");
        Read.Errors(manifest).ShouldBe("");
        manifest.Request.Groups.Single().Timing.ShouldBe(expected.ToProto());
    }

    [Fact]
    public void Documents_and_files_add_up_and_anchors_work()
    {
        var manifest = Read.Files(
            ("1.yaml", "hosts: [{name: a}]\n---\nhosts: [{name: b}]\n---\n"),
            ("2.yaml", """
                groups:
                  - {name: x, members: &pair [{host: a, priority: 2}, {host: b, priority: 1}]}
                  - {name: y, members: *pair, vips: }
                """));
        Read.Errors(manifest).ShouldBe("");
        manifest.Request.Hosts.Select(host => host.Name).ShouldBe(["a", "b"]);
        manifest.Request.Groups[1].Members.ShouldBe(manifest.Request.Groups[0].Members);
    }

    [Theory]
    [InlineData("", RunOn.Owner, FatalAction.Stay)]
    [InlineData(", run_on: owner, fatal_action: fail_over", RunOn.Owner, FatalAction.FailOver)]
    [InlineData(", run_on: all, fatal_action: stay", RunOn.All, FatalAction.Stay)]
    public void Where_it_runs_and_what_becomes_of_it(string fields, RunOn runOn, FatalAction action)
    {
        var manifest = Read.Text($"programs: [{{group: web, name: db, command: /bin/db{fields}}}]");
        Read.Errors(manifest).ShouldBe("");
        var program = manifest.Request.Programs.Single();
        (program.RunOn, program.FatalAction).ShouldBe((runOn, action));
    }
}
