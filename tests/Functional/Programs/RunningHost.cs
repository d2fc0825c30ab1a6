using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>
/// A <see cref="ProgramHost"/> with real shims in a run directory of its own, and the group's deadline file. The agent "dies" by
/// <see cref="AgentDies"/> and "comes back" by <see cref="AgentComesBack"/>; shims and programs know no difference.
/// </summary>
internal sealed class RunningHost : IAsyncDisposable
{
    public const string Group = "web";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProgramHostOptions _options;
    private readonly ConcurrentQueue<ObservedProgram> _history = new();
    private readonly string _root;
    private ProgramHost? _host;
    private volatile TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ConcurrentQueue<string> _events = new();

    private RunningHost(string root, string runDirectory, bool cgroups, string? cgroupParent, string? shim)
    {
        _root = root;
        _options = new ProgramHostOptions
        {
            RunDirectory = runDirectory,
            ShimPath = shim ?? Shim,
            BootId = Boot,
            UseCgroups = cgroups,
            CgroupParent = cgroupParent,
        };
        Directory.CreateDirectory(Path.GetDirectoryName(_options.DeadlinePath(Group))!);
        Deadline = DeadlineFile.OpenOrCreate(_options.DeadlinePath(Group), Boot);
        Deadline.Epoch = 1;
        Deadline.Until = long.MaxValue;
        AgentComesBack();
    }

    public static string Shim { get; } = Path.Combine(AppContext.BaseDirectory, "ha-shim");

    public static Guid Boot { get; } = Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    public ProgramHost Host => _host ?? throw new InvalidOperationException("the agent is dead");

    public DeadlineFile Deadline { get; }

    public CollectedLog<ProgramHost> Log { get; } = new();

    /// <summary>For what programs write.</summary>
    public string Scratch { get; private init; } = "";

    public IReadOnlyCollection<ObservedProgram> History => _history;

    /// <summary>What was told for the history: <c>Kind group:name words</c>.</summary>
    public IReadOnlyCollection<string> Events => _events;

    /// <param name="cgroups">True: programs get cgroups where that is possible.</param>
    /// <param name="below">Folders between the scratch directory and the run directory.</param>
    /// <param name="imitation">The cgroup that an <see cref="ImitatedCgroups"/> imitates.</param>
    /// <param name="shim">What is run for <see cref="Shim"/>.</param>
    public static RunningHost Create(
        bool cgroups = false, string below = "run", ImitatedCgroups? imitation = null, string? shim = null)
    {
        var root = Directory.CreateTempSubdirectory("ha-programs-").FullName;
        File.SetUnixFileMode(root, (UnixFileMode)0b111_101_101);
        var scratch = Directory.CreateDirectory(Path.Combine(root, "scratch"));
        scratch.UnixFileMode = (UnixFileMode)0b111_111_111;
        if (imitation is not null)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(root, below)).FullName, "cgroup"), ImitatedCgroups.Name);
        return new RunningHost(root, Path.Combine(root, below), cgroups || imitation is not null, imitation?.Parent, shim)
        {
            Scratch = scratch.FullName,
        };
    }

    public static ConfiguredProgram Define(string name, string command) => new()
    {
        Name = new ProgramName(Group, name),
        Command = command,
        StartTime = TimeSpan.Zero,
        StartRetries = 0,
    };

    /// <summary>A command that a shell runs; no single quotes in it.</summary>
    public static string Sh(string script) => $"/bin/sh -c '{script}'";

    /// <summary>The folder of the programs' cgroups; null where there are none, which <paramref name="reason"/> explains.</summary>
    public CgroupRoot? Cgroups(out string reason) =>
        CgroupRoot.TryOpen(File.ReadAllText(Path.Combine(_options.RunDirectory, "cgroup")), out reason);

    public ShimDirectory DirectoryOf(string name) => new(Path.Combine(_options.RunDirectory, "programs", Group, name));

    /// <summary>Configures the programs and activates the group; <paramref name="onStep"/> hears of each start.</summary>
    public void Run(IReadOnlyCollection<ConfiguredProgram> programs, Action<StepResult>? onStep = null)
    {
        Host.Configure([.. programs]);
        Host.Activate(Group, 1, () => BootClock.Nanoseconds < Deadline.Until, step => onStep?.Invoke(step), () => { });
    }

    public void Run(params ConfiguredProgram[] programs) => Run(programs, null);

    /// <summary>What is known of a program once that is as wanted.</summary>
    public async Task<ObservedProgram> Until(
        string name, Func<ObservedProgram, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var end = BootClock.Nanoseconds + (long)Limit.TotalNanoseconds;
        while (true)
        {
            var more = _more.Task;
            foreach (var known in Host.Snapshot())
            {
                if (known.Name.Name == name && holds(known))
                {
                    await ToldAsync();
                    return known;
                }
            }
            var left = TimeSpan.FromTicks((end - BootClock.Nanoseconds) / 100);
            if (left <= TimeSpan.Zero || await Task.WhenAny(more, Task.Delay(left)) != more)
                throw new TimeoutException($"{name}: not within {Limit.TotalSeconds} s: {what}; seen: {string.Join(" | ", _history)}");
        }
    }

    // What is known is seen a moment before it is told, and what it has led to is told after that.
    private async Task ToldAsync()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Host.AfterOrders(told.SetResult);
        await told.Task.WaitAsync(Limit);
    }

    public Task<ObservedProgram> UntilRunning(string name) => Until(name, p => p.State == ProgramState.Running);

    /// <summary>The record of the shim that runs a program.</summary>
    public ShimRecord RecordOf(string name) =>
        DirectoryOf(name).ReadRecord("state") ?? throw new InvalidOperationException($"{name} has no state record");

    /// <summary>Decisions stop; nothing is told to anybody.</summary>
    public async Task AgentDies()
    {
        await Host.DisposeAsync();
        _host = null;
    }

    /// <summary>Waits until the shim of a program that has ended is gone as well: one that is about to go is found alive by an agent that comes back.</summary>
    public Task ShimEnds(string name) =>
        Eventually.Until($"the shim of {name} ends", Limit, () => !DirectoryOf(name).ReadShim().IsAlive);

    /// <summary>A new agent, which has not looked around yet.</summary>
    public void AgentComesBack() => _host = new ProgramHost(_options, TimeProvider.System, Log)
    {
        StatusChanged = Note,
        Happened = (kind, program, words) => _events.Enqueue($"{kind} {program} {words}"),
    };

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            AgentComesBack();
        Deadline.Until = 0;
        Host.DeadlineChanged(Group);
        await Host.AdoptAsync();
        await Host.DeactivateAsync(Group, graceful: false).WaitAsync(Limit);
        await Host.EndEverywhereAsync().WaitAsync(Limit);
        await Host.DisposeAsync();
        Deadline.Dispose();
        if (_options.CgroupParent is null && File.Exists(Path.Combine(_options.RunDirectory, "cgroup")))
            Cgroups(out _)?.Remove();
        // A check's command is killed and not waited for; its shim writes down the end.
        Residents.AwaitNone(_root);
        Directory.Delete(_root, recursive: true);
    }

    private void Note(ObservedProgram observed)
    {
        _history.Enqueue(observed);
        Interlocked.Exchange(ref _more, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
