using System.Collections.Immutable;
using HaGrpc.Core.Model;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.Storage.Tests;

/// <summary>Objects of the model; the full ones have no field at its default.</summary>
internal static class Samples
{
    public static Group Group(string name) => new(
        name,
        [new("a", 120), new("b", 80)],
        [new("192.0.2.10/32", "eth0")],
        [],
        GroupTiming.Default,
        new(FailbackMode.Manual, TimeSpan.Zero));

    public static Group FullGroup(string name) => new(
        name,
        [new("a", 120), new("b", 80)],
        [new("192.0.2.10/24", "eth0", "eth0:vip", "/usr/local/sbin/claim-v4"), new("2001:db8::10/128", "eth1", Script: "/usr/local/sbin/claim-vip")],
        [new("default", "192.0.2.1", "eth0", "192.0.2.10"), new("198.51.100.0/24", "", "eth1")],
        new(TimeSpan.FromMilliseconds(1234.5), TimeSpan.FromTicks(3_000_001), TimeSpan.FromMilliseconds(321)),
        new(FailbackMode.Automatic, TimeSpan.FromMinutes(5)) { Window = new(120, 240, "Asia/Shanghai", WeekDays.Saturday | WeekDays.Sunday) },
        Locked: true)
    {
        Mode = SupervisionMode.Observe,
        HandedTo = "a",
        AnnounceInterval = TimeSpan.FromSeconds(7),
        DropConnections = true,
        DuplicateProbeInterval = TimeSpan.FromSeconds(2),
        FlapBudget = new(3, TimeSpan.FromMinutes(10)),
        Fencing = Fencing.Required,
        Checks =
        [
            new("all")
            {
                Ping = "10.0.0.1",
                Exec = ["/usr/local/bin/check", "/srv"],
                Link = "eth0",
                User = "app",
                Interval = TimeSpan.FromSeconds(4),
                Timeout = TimeSpan.FromSeconds(3),
                Rise = 4,
                Fall = 5,
                Weight = -20,
                Reverse = true,
                InitFail = true,
            },
        ],
        SyncGroup = "shop",
        Directories = [new("/srv/app") { Exclude = ["*.log", "cache/"], MaxLag = TimeSpan.FromMinutes(3) }],
        Hooks =
        [
            new("mail", [HookEvent.Promote, HookEvent.Fault], HookPhase.After, ["/usr/local/bin/mail", "ops"], TimeSpan.FromSeconds(3), "app", HookStyle.Keepalived),
        ],
    };

    public static ProgramSpec Program(string group, string name) => new() { Name = new(group, name), Command = "/bin/sleep 1" };

    public static ProgramSpec FullProgram(string group, string name) => new()
    {
        Name = new(group, name),
        Command = "/usr/bin/server --title \"Überwachung 監視\" 'a b'",
        Directory = "/srv/app",
        User = "app",
        Environment = ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal, new Dictionary<string, string> { ["B"] = "2", ["a"] = "x=\"y\"", ["A"] = "" }),
        Priority = 333,
        DesiredState = DesiredState.Stopped,
        Restart = RestartPolicy.Always,
        StartTime = TimeSpan.FromSeconds(2.5),
        StartRetries = 7,
        ExitCodes = [0, 2, 255],
        StopSignal = "INT",
        StopTimeout = TimeSpan.FromSeconds(31),
        Umask = "027",
        StdoutLogfile = "/var/log/app/out.log",
        StderrLogfile = "/var/log/app/err.log",
        RedirectStderr = true,
        RestartGeneration = 9,
        Template = "programs",
        ProcessName = "%(program_name)s_%(process_num)d",
        NumProcs = 2,
        NumProcsStart = 3,
        Autostart = false,
        StopAsGroup = true,
        Oneshot = true,
        RunOn = RunOn.All,
        Mode = SupervisionMode.Observe,
        Adopt = new ProcessMatch(Pidfile: "/run/p.pid", User: "apps"),
        Handed = [new HandedProcess("a", new Guid("5f0c6d3e-9a55-4c5e-8b3e-1d2f3a4b5c6d"), 4711, 99)],
        After = ["db"],
        Backoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30)),
        FatalRetryAfter = TimeSpan.FromMinutes(5),
        FatalAction = FatalAction.RestartGroup,
        Readiness = new(CheckKind.Exec, "/bin/check 'a b'") { Rise = 2, Timeout = TimeSpan.FromSeconds(3) },
        ReadyTimeout = TimeSpan.FromSeconds(20),
        StdoutLogfileMaxBytes = 1 << 30,
        StdoutLogfileBackups = 3,
        StderrLogfileMaxBytes = 0,
        StderrLogfileBackups = 0,
        LogfileMaxAge = TimeSpan.FromDays(2),
        LogfileCompress = true,
        Liveness = new(CheckKind.Http, "http://127.0.0.1/") { Interval = TimeSpan.FromSeconds(9), Fall = 4, StartPeriod = TimeSpan.FromSeconds(8) },
        Limits = new()
        {
            Rlimits = ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, new Dictionary<string, ResourceLimit> { ["nofile"] = new(1024, 65536), ["core"] = new(null, null) }),
            Nice = 5,
            OomScoreAdj = -500,
            Memory = 1L << 29,
            MemorySwap = 0,
            CpuMillis = 1500,
            Pids = 200,
        },
    };
}
