using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Compat;

/// <summary>The programs that both supervisors run.</summary>
/// <param name="Group">Its group; one program of the same name makes Supervisor's homogeneous group.</param>
/// <param name="Name">Its name.</param>
/// <param name="Command">Its command.</param>
/// <param name="Autostart">Whether it runs from the beginning.</param>
/// <param name="StartSeconds">startsecs.</param>
/// <param name="Logged">True: it has log files.</param>
internal sealed record Wanted(
    string Group, string Name, string Command, bool Autostart = false, int StartSeconds = 0, bool Logged = false)
{
    /// <summary>All of them.</summary>
    /// <param name="folder">Where a file lies that is not executable.</param>
    public static Wanted[] All(string folder) =>
    [
        new("solo", "solo", "/bin/sleep 1000", Autostart: true),
        new("app", "web", "/bin/sleep 1000", Autostart: true),
        new("app", "db", "/bin/sh -c 'echo hello; echo oops >&2; exec sleep 1000'", Autostart: true, Logged: true),
        // Ends with its input, which Supervisor never closes.
        new("app", "reader", "/bin/cat", Autostart: true),
        new("app", "once", "/bin/sh -c 'sleep 0.3'"),
        // Supervisor notices an exit up to a second late, and judges by that: with less it may call this a good start.
        new("app", "crash", "/bin/sh -c 'exit 3'", StartSeconds: 3),
        new("app", "slow", "/bin/sleep 1000", StartSeconds: 60),
        new("app", "missing", "/no/such/file"),
        new("app", "plain", $"{folder}/plain"),
        // By name the one that fails late comes first; the exit code is the last failure's.
        // Supervisor notices what ends while it still starts the others: not this one.
        new("mixed", "a-crash", "/bin/sh -c 'sleep 0.5; exit 3'", StartSeconds: 3),
        new("mixed", "b-missing", "/no/such/file"),
        new("mixed", "well", "/bin/sleep 1000"),
    ];

    public string Section(string logs) => string.Create(CultureInfo.InvariantCulture, $"""
        [program:{Name}]
        command={Command}
        autostart={(Autostart ? "true" : "false")}
        autorestart=false
        startsecs={StartSeconds}
        startretries=0
        stdout_logfile={(Logged ? $"{logs}/{Name}.out" : "NONE")}
        stderr_logfile={(Logged ? $"{logs}/{Name}.err" : "NONE")}

        """);

    public HaGrpc.V1.Program ToProto(string logs) => new()
    {
        Group = Group,
        Name = Name,
        Command = Command,
        Autostart = Autostart,
        Restart = RestartPolicy.Never,
        StartTime = Duration.FromTimeSpan(TimeSpan.FromSeconds(StartSeconds)),
        StartRetries = 0,
        StdoutLogfile = Logged ? $"{logs}/{Name}.out" : "NONE",
        StderrLogfile = Logged ? $"{logs}/{Name}.err" : "NONE",
    };
}
