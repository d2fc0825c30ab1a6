using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Logging;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// Runs the programs of the groups that this host owns, each under its own shim. All decisions are made on one thread
/// of its own; every method may be called from any thread. Level-triggered: it works towards what the last
/// <see cref="Configure"/>, <see cref="Activate"/> and <see cref="DeactivateAsync"/> said.
/// </summary>
internal sealed class ProgramHost : IAsyncDisposable
{
    private readonly EventThread _thread;
    private readonly HostContext _context;
    private readonly SortedDictionary<string, GroupRunner> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, GroupRunner> _everywhere = new(StringComparer.Ordinal);
    private ILookup<string, ConfiguredProgram> _configured = Array.Empty<ConfiguredProgram>().ToLookup(program => program.Name.Group);
    private bool _hasAdopted;
    private readonly ConcurrentDictionary<Core.Model.ProgramName, ObservedProgram> _observed = new();

    /// <param name="options">This host's paths and limits.</param>
    /// <param name="time">Wall clock, only for what people read.</param>
    /// <param name="logger">Receives one line per change of a program's state.</param>
    /// <exception cref="IOException">The run directory could not be made.</exception>
    public ProgramHost(ProgramHostOptions options, TimeProvider time, ILogger<ProgramHost> logger)
    {
        Directory.CreateDirectory(options.RunDirectory);
        var cgroups = options.UseCgroups ? OpenCgroups(options, logger) : null;
        _thread = new EventThread("programs");
        _context = new HostContext(
            options,
            _thread,
            cgroups,
            time,
            logger,
            Publish,
            (kind, program, message) => Happened?.Invoke(kind, program, message),
            Reconsider,
            (group, reason) => FitnessChanged?.Invoke(group, reason));
    }

    /// <summary>Called on the host's own thread after every change of a program's state; must not block.</summary>
    public Action<ObservedProgram>? StatusChanged { get; set; }

    /// <summary>Called on the host's own thread with what is worth a line in the history: its kind, the program, and the words for
    /// people; must not block.</summary>
    public Action<string, Core.Model.ProgramName, string>? Happened { get; set; }

    /// <summary>Called on the host's own thread with a group and why this host cannot run it, empty when it can again (rule C5); must
    /// not block.</summary>
    public Action<string, string>? FitnessChanged { get; set; }

    /// <summary>
    /// Finds what an earlier agent left: reconnects to live shims, collects exit records, and begins to end process trees
    /// that have lost their shim. To be awaited before the first <see cref="Activate"/>. Adopted programs are watched but not
    /// restarted until their group is activated; a group that is not to be resumed is to be deactivated. Reads files of
    /// the run directory and waits for no process: leases of every group run on meanwhile, and a tree that does not die
    /// may hold up its own program only, which is UNKNOWN and not spawned until it is gone.
    /// </summary>
    public Task<AdoptionReport> AdoptAsync()
    {
        var adopted = new TaskCompletionSource<AdoptionReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() =>
        {
            try
            {
                var report = Adoption.Run(_context, (group, runOn) => runOn == RunOn.All ? EverywhereOf(group) : GroupOf(group));
                _hasAdopted = true;
                foreach (var everywhere in _everywhere.Values)
                    Begin(everywhere);
                TakeSnapshot();
                adopted.SetResult(report);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                adopted.SetException(failure);
            }
        });
        return adopted.Task;
    }

    /// <summary>
    /// Replaces what is known of all programs. In active groups the difference is worked off at once: stopped ones stop,
    /// wanted ones start, a changed command, environment, user, directory, umask or a raised restart generation restarts, as
    /// does output that goes to a log file and went nowhere or the other way round; a changed policy, another log file and
    /// changed limits apply from then on. Programs that are no longer named are stopped and forgotten. Those that run on every member run from
    /// the first configuration behind <see cref="AdoptAsync"/> on, whoever owns their group.
    /// </summary>
    public void Configure(ImmutableArray<ConfiguredProgram> all) => _thread.Post(() =>
    {
        _configured = all.ToLookup(program => program.Name.Group, StringComparer.Ordinal);
        foreach (var name in _configured.Select(group => group.Key).Concat(_groups.Keys).Concat(_everywhere.Keys).Distinct().ToArray())
            ConfigureGroup(name);
        TakeSnapshot();
    });

    /// <summary>Stops, in reverse order, what runs on every member; completes when every process of it is gone.</summary>
    public Task EndEverywhereAsync()
    {
        var posted = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() => posted.SetResult(Task.WhenAll(_everywhere.Values.Select(group => group.Deactivate(graceful: true)).ToArray())));
        return posted.Task.Unwrap();
    }

    /// <summary>Starts a group's wanted programs, level by level; adopted ones that run already count as started.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="epoch">The epoch under which it acts.</param>
    /// <param name="mayAct">Asked on the host's thread immediately before every spawn (rule L7); false refuses it.</param>
    /// <param name="onStep">Called on the host's thread once per wanted program, when its first start has succeeded or failed.</param>
    /// <param name="onLevelsDone">Called once on the host's thread when every level has been worked off, and not at all when the
    /// group is deactivated before.</param>
    public void Activate(string group, long epoch, Func<bool> mayAct, Action<StepResult> onStep, Action onLevelsDone) =>
        _thread.Post(() => GroupOf(group).Activate(epoch, mayAct, onStep, onLevelsDone));

    /// <summary>The same owner goes on under a later epoch: what runs runs on, and what has ended under the former one stays ended
    /// (rule C8).</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="from">The epoch until now.</param>
    /// <param name="epoch">The epoch from now on.</param>
    public void RaiseEpoch(string group, long from, long epoch) => _thread.Post(() => GroupOf(group).RaiseEpoch(from, epoch));

    /// <summary>
    /// Ends a group's programs and completes only when every process of their trees is verified to be gone. A later call that
    /// is not graceful overtakes a graceful one in progress; both then complete.
    /// </summary>
    /// <param name="group">The group's name; one that is not active completes at once unless leftovers are alive.</param>
    /// <param name="graceful">True: in reverse order, with stop signal and timeout. False: SIGKILL to everything now.</param>
    public Task DeactivateAsync(string group, bool graceful)
    {
        var posted = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() => posted.SetResult(GroupOf(group).Deactivate(graceful)));
        return posted.Task.Unwrap();
    }

    /// <summary>Tells the shims of a group to read its deadline file now: it was set to 0, or to an earlier end.</summary>
    /// <param name="group">The group's name.</param>
    public void DeadlineChanged(string group) => _thread.Post(() =>
    {
        foreach (var runner in GroupOf(group).Programs)
            runner.TellDeadline();
    });

    /// <summary>Runs work on the host's thread once everything asked for before has been passed on: what
    /// <see cref="DeadlineChanged"/> said is with the shims then, and stays with them whatever becomes of this process.</summary>
    /// <param name="work">Must not block.</param>
    public void AfterOrders(Action work) => _thread.Post(work);

    /// <summary>Sends a signal to a program's main process.</summary>
    /// <returns>False when it has none.</returns>
    public Task<bool> SignalAsync(ProgramName program, int signal)
    {
        var sent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() => sent.SetResult(
            Runners.FirstOrDefault(runner => runner.Name == program)?.Signal(signal) ?? false));
        return sent.Task;
    }

    /// <summary>The last known state of every configured or adopted program, in order of group and name.</summary>
    public ImmutableArray<ObservedProgram> Snapshot() =>
    [
        .. _observed.Values.OrderBy(p => p.Name.Group, StringComparer.Ordinal).ThenBy(p => p.Name.Name, StringComparer.Ordinal),
    ];

    /// <summary>Stops the thread; programs and shims run on.</summary>
    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        // Only when no program's is left in it.
        _context.Cgroups?.Remove();
        return ValueTask.CompletedTask;
    }

    // Named by a file in the run directory: two agents on one machine, in namespaces of their own, share /sys/fs/cgroup.
    private static CgroupRoot? OpenCgroups(ProgramHostOptions options, ILogger logger)
    {
        var file = Path.Combine(options.RunDirectory, "cgroup");
        if (!File.Exists(file))
            File.WriteAllText(file, $"ha-agent-{Guid.NewGuid():N}");
        var name = File.ReadAllText(file);
        var root = options.CgroupParent is { } parent
            ? CgroupRoot.TryOpen(parent, "", name, out var reason)
            : CgroupRoot.TryOpen(name, out reason);
        if (root is null)
            ProgramLog.CgroupsNotUsed(logger, reason);
        else
            ProgramLog.CgroupsUsed(logger, root.Path);
        return root;
    }

    private GroupRunner GroupOf(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
            _groups[name] = group = new GroupRunner(_context, name);
        return group;
    }

    private GroupRunner EverywhereOf(string name)
    {
        if (_everywhere.TryGetValue(name, out var group))
            return group;
        _everywhere[name] = group = new GroupRunner(_context, name);
        if (_hasAdopted)
            Begin(group);
        return group;
    }

    // Under no epoch: no change of owner is anything to these.
    private static void Begin(GroupRunner everywhere) => everywhere.Activate(epoch: 0, () => true, _ => { }, () => { });

    /// <summary>A program that changes from one kind to the other ends there before it begins here: it is left out until then.</summary>
    private void ConfigureGroup(string name)
    {
        var programs = _configured[name].ToArray();
        var owned = GroupOf(name);
        var hasEverywhere = _everywhere.ContainsKey(name) || programs.Any(program => program.RunOn == RunOn.All);
        var everywhere = hasEverywhere ? EverywhereOf(name) : null;
        owned.Configure([.. programs.Where(p => p.RunOn == RunOn.Owner && everywhere?.Has(p.Name.Name) is not true)]);
        everywhere?.Configure([.. programs.Where(p => p.RunOn == RunOn.All && !owned.Has(p.Name.Name))]);
    }

    private void Reconsider(Core.Model.ProgramName forgotten)
    {
        _ = _observed.TryRemove(forgotten, out _);
        if (_configured[forgotten.Group].Any(program => program.Name == forgotten))
        {
            _thread.Post(() =>
            {
                ConfigureGroup(forgotten.Group);
                // One that is not to run changes no state in its new place.
                TakeSnapshot();
            });
        }
    }

    private IEnumerable<ProgramRunner> Runners =>
        _groups.Values.Concat(_everywhere.Values).SelectMany(group => group.Programs);

    private void Publish(ObservedProgram observed)
    {
        _observed[observed.Name] = observed;
        StatusChanged?.Invoke(observed);
    }

    // Programs that have not changed their state yet are known, too.
    private void TakeSnapshot()
    {
        foreach (var runner in Runners)
            _observed[runner.Name] = runner.Observe(runner.Condition);
    }
}
