using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>What an operator wants of a program.</summary>
public enum DesiredState
{
    /// <summary>It runs wherever the group is owned.</summary>
    Running,

    /// <summary>It stays stopped wherever the group goes.</summary>
    Stopped,
}

/// <summary>When a program that was RUNNING and exited starts again; Supervisor's <c>autorestart</c>.</summary>
public enum RestartPolicy
{
    /// <summary>After every exit (<c>true</c>).</summary>
    Always,

    /// <summary>After an exit code outside <see cref="Program.ExitCodes"/>, or a signal (<c>unexpected</c>).</summary>
    Unexpected,

    /// <summary>Never (<c>false</c>).</summary>
    Never,
}

/// <summary>The waits between tries: each twice the one before, up to the longest, less up to a fifth at random so that hosts and
/// programs do not beat in time.</summary>
/// <param name="Initial">The first wait, 10 ms to 1 h.</param>
/// <param name="Longest">The longest, <paramref name="Initial"/> to 24 h. A program that stayed up for at least this long has its crashes
/// forgotten.</param>
public sealed record Backoff(TimeSpan Initial, TimeSpan Longest)
{
    /// <summary>1 s, doubling to 1 min.</summary>
    public static Backoff Default { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
}

/// <summary>What else happens when a program has become FATAL.</summary>
public enum FatalAction
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>Its whole group is stopped and started again, at most once within 10 minutes.</summary>
    RestartGroup,

    /// <summary>The group moves to a member on which that has not happened, if there is one that can take over.</summary>
    FailOver,
}

/// <summary>Which members of its group run a program.</summary>
public enum RunOn
{
    /// <summary>The owner, under its lease.</summary>
    Owner,

    /// <summary>Every member, owner or not, at any time; its start and stop are no part of a change of owner.</summary>
    All,
}

/// <summary>A program's full name.</summary>
/// <param name="Group">The group it belongs to.</param>
/// <param name="Name">Its name inside the group: no space, colon or slash.</param>
public readonly record struct ProgramName(string Group, string Name)
{
    /// <summary>The name as operators write it: <c>group:name</c>.</summary>
    public override string ToString() => $"{Group}:{Name}";
}

/// <summary>A supervised program. Meanings and defaults follow Supervisor's <c>[program:x]</c> (docs/adr/0008). What an operator
/// registers may stand for several processes; <see cref="ProgramExpansion"/> makes one program of each.</summary>
public sealed record Program
{
    /// <summary>The program's full name.</summary>
    public required ProgramName Name { get; init; }

    /// <summary>The name under which it was registered, which <see cref="ProcessName"/> and <see cref="NumProcs"/> may have made several
    /// of; empty before that, and in documents of older versions, where it is the name itself.</summary>
    public string Template { get; init; } = "";

    /// <summary>Names each process; with <see cref="NumProcs"/> above 1 it has to contain <c>%(process_num)d</c>.</summary>
    public string ProcessName { get; init; } = "%(program_name)s";

    /// <summary>How many processes are made of it, 1 to 1000.</summary>
    public int NumProcs { get; init; } = 1;

    /// <summary>The first <c>process_num</c>, 0 to 1 000 000.</summary>
    public int NumProcsStart { get; init; }

    /// <summary>Whether a program that is new is wanted to run; later on <see cref="DesiredState"/> alone says it.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>Command line, split as a POSIX shell would split it, run without a shell. Like the directory, the values of the
    /// environment and the log files it may contain expansions (<see cref="Expansion"/>).</summary>
    public required string Command { get; init; }

    /// <summary>Working directory, absolute; empty for <c>/</c>.</summary>
    public string Directory { get; init; } = "";

    /// <summary>User by name or number; empty for the agent's own. Its groups are set too.</summary>
    public string User { get; init; } = "";

    /// <summary>Added to the agent's environment.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>0 to 9999; lower starts first and stops last.</summary>
    public int Priority { get; init; } = 999;

    /// <summary>Programs of its group, by the name they were registered under, that have to be ready before it starts, and that stop only
    /// after it.</summary>
    public ImmutableArray<string> After { get; init; } = [];

    /// <summary>What the operator wants; follows the group to whichever host owns it.</summary>
    public DesiredState DesiredState { get; init; } = DesiredState.Running;

    /// <summary>When it starts again after an exit from RUNNING.</summary>
    public RestartPolicy Restart { get; init; } = RestartPolicy.Unexpected;

    /// <summary>How long it must stay up to count as RUNNING (<c>startsecs</c>).</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Failed starts that are retried before FATAL (<c>startretries</c>): one more spawn than this.</summary>
    public int StartRetries { get; init; } = 3;

    /// <summary>The waits after a failed start, and after a crash that soon follows another.</summary>
    public Backoff Backoff { get; init; } = Backoff.Default;

    /// <summary>After how long a FATAL program is tried afresh; zero for never.</summary>
    public TimeSpan FatalRetryAfter { get; init; }

    /// <summary>What else happens when it has become FATAL.</summary>
    public FatalAction FatalAction { get; init; }

    /// <summary>True: it runs to its end once for each time the group begins on a host, and nothing of a later level starts unless it
    /// ended with an expected code; otherwise it is tried again as a failed start is.</summary>
    public bool Oneshot { get; init; }

    /// <summary>Says when it is ready, for those that wait for it; null: when it is RUNNING. Asked until it is ready once.</summary>
    public Check? Readiness { get; init; }

    /// <summary>How long it may take to be ready, 100 ms to 24 h; longer is a failed start. Only with <see cref="Readiness"/>.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Says whether it still works, from when it is ready; one that does not is restarted. Null: it is trusted.</summary>
    public Check? Liveness { get; init; }

    /// <summary>Expected exit codes, 0 to 255.</summary>
    public ImmutableArray<int> ExitCodes { get; init; } = [0];

    /// <summary>Signal that asks it to stop, a name without SIG.</summary>
    public string StopSignal { get; init; } = "TERM";

    /// <summary>How long it may take to stop before its whole tree is killed (<c>stopwaitsecs</c>).</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>True: the stop signal goes to the main process's group, not to it alone. What is left after the timeout is killed
    /// with its whole tree in either case.</summary>
    public bool StopAsGroup { get; init; }

    /// <summary>Octal file mode mask such as <c>022</c>; empty to inherit the agent's.</summary>
    public string Umask { get; init; } = "";

    /// <summary>Absolute path for standard output, appended to; <c>NONE</c> to discard.</summary>
    public string StdoutLogfile { get; init; } = "NONE";

    /// <summary>Absolute path for standard error, appended to; <c>NONE</c> to discard.</summary>
    public string StderrLogfile { get; init; } = "NONE";

    /// <summary>True: standard error goes where standard output goes.</summary>
    public bool RedirectStderr { get; init; }

    /// <summary>Raised by every operator's restart; a running instance of an older one is replaced.</summary>
    public long RestartGeneration { get; init; }

    /// <summary>Which members run it.</summary>
    public RunOn RunOn { get; init; }

    /// <summary>Bytes at which the file of standard output is rotated, 4096 or more; 0 for never.</summary>
    public long StdoutLogfileMaxBytes { get; init; } = 50 << 20;

    /// <summary>How many backups of it are kept, 0 to 1000; with 0 the file is emptied instead.</summary>
    public int StdoutLogfileBackups { get; init; } = 10;

    /// <summary>As <see cref="StdoutLogfileMaxBytes"/>, of standard error.</summary>
    public long StderrLogfileMaxBytes { get; init; } = 50 << 20;

    /// <summary>As <see cref="StdoutLogfileBackups"/>, of standard error.</summary>
    public int StderrLogfileBackups { get; init; } = 10;

    /// <summary>The age at which both files are rotated, 1 s to 365 days, when something is written next; zero for never.</summary>
    public TimeSpan LogfileMaxAge { get; init; }

    /// <summary>True: backups of both files are compressed.</summary>
    public bool LogfileCompress { get; init; }

    /// <summary>What it may use of its host; null for no limits but those that it inherits from the agent.</summary>
    public Limits? Limits { get; init; }

    /// <summary>Observe: it is only watched, whatever its group is. In a group that is observed every program is.</summary>
    public SupervisionMode Mode { get; init; }

    /// <summary>How its process is found while it is observed; null for by its command and user.</summary>
    public ProcessMatch? Adopt { get; init; }

    /// <summary>Processes that were handed over: they are taken over where a start would have made a new one. One that has ended is nobody's.</summary>
    public ImmutableArray<HandedProcess> Handed
    {
        // What was stored before there was a hand-over has none.
        get => field.IsDefault ? [] : field;
        init;
    }
}
