using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>The programs of one group on this host, and whether they may run: those that the owner runs, or those that every member
/// runs. Everything on the host's thread.</summary>
internal sealed class GroupRunner(HostContext host, string name)
{
    private static readonly TimeSpan RestartPause = TimeSpan.FromMinutes(10);

    private readonly SortedDictionary<string, ProgramRunner> _programs = new(StringComparer.Ordinal);
    private readonly List<StartWalk> _starts = [];
    private readonly List<TaskCompletionSource> _ended = [];
    private readonly List<StopWalk> _stops = [];
    private readonly HashSet<string> _restarting = new(StringComparer.Ordinal);
    private bool _hasRemoved;
    private BootInstant? _restartedAt;
    private readonly List<(ProgramName Program, string Reason)> _unfit = [];
    private Func<bool>? _mayAct;
    private (Action<StepResult> OnStep, Action OnLevelsDone)? _takingOver;
    private Action? _next;
    private bool _isSettling;
    private bool _settleAgain;
    private readonly HashSet<ProgramName> _changed = [];
    private bool _isAnyChanged;

    /// <summary>The programs, by name.</summary>
    public IReadOnlyCollection<ProgramRunner> Programs => _programs.Values;

    /// <summary>The epoch under which they run, or ran last.</summary>
    public long Epoch { get; private set; }

    /// <summary>True when no process of its programs may be alive.</summary>
    public bool IsQuiet => !_programs.Values.Any(runner => runner.Condition.MayBeAlive);

    private bool IsActive => _mayAct is not null && _ended.Count == 0;

    /// <summary>Asked before every spawn (rule L7).</summary>
    /// <param name="reason">Why not.</param>
    public bool MayAct(out string reason)
    {
        reason = _mayAct is null ? "its group is not active on this host" : "the lease of its group is over";
        return IsActive && _mayAct!();
    }

    /// <summary>The runner of a program, made when it is new.</summary>
    public ProgramRunner RunnerOf(ConfiguredProgram program)
    {
        if (!_programs.TryGetValue(program.Name.Name, out var runner))
            _programs[program.Name.Name] = runner = new ProgramRunner(host, this, program);
        return runner;
    }

    /// <summary>Whether there is a runner of this name.</summary>
    public bool Has(string program) => _programs.ContainsKey(program);

    /// <summary>Takes the group's programs as configured now.</summary>
    public void Configure(IReadOnlyCollection<ConfiguredProgram> programs)
    {
        var wanted = programs.ToDictionary(program => program.Name.Name, StringComparer.Ordinal);
        var (starts, stops, restarts) = (new List<ConfiguredProgram>(), new List<ProgramRunner>(), new List<ProgramRunner>());
        foreach (var runner in _programs.Values.Where(runner => !wanted.ContainsKey(runner.Name.Name) && !runner.IsRemoved).ToArray())
        {
            runner.IsConfigured = false;
            runner.IsRemoved = _hasRemoved = true;
            stops.Add(runner);
        }
        foreach (var program in programs)
        {
            var isNew = !_programs.TryGetValue(program.Name.Name, out var known) || !known.IsConfigured;
            var runner = RunnerOf(program);
            var before = runner.Program;
            runner.Reconfigure(program);
            runner.IsConfigured = true;
            runner.IsRemoved = false;
            if (!IsActive)
                continue;
            if (program.DesiredState == DesiredState.Stopped)
            {
                if (before.DesiredState == DesiredState.Running)
                    stops.Add(runner);
            }
            else if (_restarting.Contains(program.Name.Name))
            {
                // It is started with the others that it was stopped with.
            }
            else if (runner.IsOutdated)
            {
                restarts.Add(runner);
            }
            else if (isNew || before.DesiredState == DesiredState.Stopped)
            {
                starts.Add(program);
            }
        }
        Replace(stops, restarts);
        Begin(starts);
        SettleAll();
    }

    /// <summary>Stops some programs, and replaces others: all are stopped in reverse order before the first is started again.</summary>
    private void Replace(List<ProgramRunner> stops, List<ProgramRunner> restarts)
    {
        if (stops.Count + restarts.Count <= 1)
        {
            foreach (var runner in stops)
                runner.Take(new StopWanted());
            foreach (var runner in restarts)
                runner.Take(new RestartWanted());
            return;
        }
        foreach (var runner in restarts)
            _restarting.Add(runner.Name.Name);
        var order = StartOrder.Of(stops.Concat(restarts).Select(runner => runner.Program)).Reverse();
        _stops.Add(new StopWalk(order, IsToStop, () =>
        {
            foreach (var runner in restarts)
                _restarting.Remove(runner.Name.Name);
            Begin([.. restarts.Where(IsWanted).Select(runner => runner.Program)]);
        }));
    }

    /// <summary>False for one that somebody has started again since it was asked to stop, or before its turn to.</summary>
    private bool IsToStop(ProgramRunner runner) => !IsWanted(runner) || _restarting.Contains(runner.Name.Name);

    private void Begin(List<ConfiguredProgram> programs, bool isTakeover = false)
    {
        if (programs.Count == 0 && !isTakeover)
            return;
        var (onStep, onDone) = isTakeover ? _takingOver!.Value : (_ => { }, () => { });
        _starts.Add(new StartWalk(StartOrder.Of(WithAwaited(programs)), host.Options.ParallelStarts, onStep, onDone));
    }

    /// <summary>Together with those that one of them comes after and that are not ready yet, but will be: they are waited for again.</summary>
    private List<ConfiguredProgram> WithAwaited(List<ConfiguredProgram> programs)
    {
        var all = new List<ConfiguredProgram>(programs);
        var names = programs.Select(program => program.Name).ToHashSet();
        for (var i = 0; i < all.Count; i++)
        {
            foreach (var awaited in _programs.Values.Where(runner => all[i].After.Contains(ProgramExpansion.TemplateOf(runner.Program).Name)))
            {
                if (IsWanted(awaited) && StartJudgement.Of(awaited.Condition, awaited.Program) is StartProgress.Spawning or StartProgress.Underway
                    && names.Add(awaited.Name))
                    all.Add(awaited.Program);
            }
        }
        return all;
    }

    /// <summary>A program has become FATAL and wants the whole group started afresh. Seldom: what that does not cure, it will not cure
    /// by being done again.</summary>
    public void RestartFor(ProgramName program)
    {
        if (!IsActive || (_restartedAt is { } last && HostContext.Now < last + RestartPause))
            return;
        _restartedAt = HostContext.Now;
        ProgramLog.GroupRestarting(host.Logger, name, program);
        _starts.Clear();
        var all = _programs.Values.Where(runner => IsWanted(runner) && !_restarting.Contains(runner.Name.Name)).ToArray();
        foreach (var runner in all)
            _restarting.Add(runner.Name.Name);
        _stops.Add(new StopWalk(StartOrder.Of(all.Select(runner => runner.Program)).Reverse(), IsToStop, () =>
        {
            foreach (var runner in all)
                _restarting.Remove(runner.Name.Name);
            // The first start of all was under way: this one goes on with it.
            var isTakeover = _takingOver is not null;
            var wanted = _programs.Values.Where(runner => IsWanted(runner) && !_restarting.Contains(runner.Name.Name));
            Begin([.. wanted.Select(runner => runner.Program)], isTakeover);
        }));
    }

    /// <summary>A program has become FATAL and wants the group to run on another host. That stays so when the group has gone: nothing
    /// has been mended by that.</summary>
    public void BecomeUnfit(ProgramName program, string detail)
    {
        if (!IsActive)
            return;
        var reason = $"{program} is FATAL there: {detail}";
        _ = _unfit.RemoveAll(known => known.Program == program);
        _unfit.Add((program, reason));
        host.FitnessChanged(name, reason);
    }

    /// <summary>Until the program runs after all, or somebody has done something about it.</summary>
    private void JudgeFitness()
    {
        if (_unfit.Count == 0)
            return;
        var said = _unfit[^1];
        _ = _unfit.RemoveAll(known => !IsStillUnfit(Find(known.Program)));
        if (_unfit.Count == 0)
            host.FitnessChanged(name, "");
        else if (_unfit[^1] != said)
            host.FitnessChanged(name, _unfit[^1].Reason);
    }

    private static bool IsStillUnfit(ProgramRunner? runner) =>
        runner is { IsRemoved: false, IsOutdated: false, Program: { DesiredState: DesiredState.Running, FatalAction: FatalAction.FailOver } }
        && runner.Condition.State is not (ProgramState.Running or ProgramState.Exited);

    private void BecomeFit()
    {
        if (_unfit.Count == 0)
            return;
        _unfit.Clear();
        host.FitnessChanged(name, "");
    }

    /// <summary>See <see cref="ProgramHost.Activate"/>. While the programs still end, it waits for that.</summary>
    public void Activate(long epoch, Func<bool> mayAct, Action<StepResult> onStep, Action onLevelsDone)
    {
        if (_ended.Count > 0)
        {
            _next = () => Activate(epoch, mayAct, onStep, onLevelsDone);
            return;
        }
        ProgramLog.GroupActivated(host.Logger, name, epoch);
        if (epoch != Epoch)
            BecomeFit();
        (Epoch, _mayAct) = (epoch, mayAct);
        _starts.Clear();
        // An adopted program that no configuration has named or dropped yet is left as it is.
        foreach (var unwanted in _programs.Values.Where(runner => runner.IsConfigured && !IsWanted(runner)).ToArray())
            unwanted.Take(new StopWanted());
        _takingOver = (onStep, LevelsDone);
        Begin([.. _programs.Values.Where(IsWanted).Select(runner => runner.Program)], isTakeover: true);
        SettleAll();

        void LevelsDone()
        {
            _takingOver = null;
            onLevelsDone();
        }
    }

    /// <summary>See <see cref="ProgramHost.RaiseEpoch"/>.</summary>
    public void RaiseEpoch(long from, long epoch)
    {
        if (Epoch != from)
            return;
        Epoch = epoch;
        foreach (var runner in _programs.Values)
            runner.RaiseEpoch(from, epoch);
    }

    /// <summary>See <see cref="ProgramHost.DeactivateAsync"/>.</summary>
    public Task Deactivate(bool graceful)
    {
        ProgramLog.GroupDeactivating(host.Logger, name, graceful);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isFirst = _ended.Count == 0;
        _ended.Add(ended);
        _mayAct = null;
        _takingOver = null;
        _next = null;
        _starts.Clear();
        _restarting.Clear();
        if (!graceful || isFirst)
            _stops.Clear();
        if (!graceful)
        {
            foreach (var runner in _programs.Values.ToArray())
                runner.Take(new KillWanted());
        }
        else if (isFirst)
        {
            var alive = _programs.Values.Select(runner => runner.Program);
            _stops.Add(new StopWalk(StartOrder.Of(alive).Reverse(), _ => true, () => { }));
        }
        SettleAll();
        return ended.Task;
    }

    /// <summary>Goes on with whatever is under way; called after every event of a program.</summary>
    /// <param name="changed">The program.</param>
    public void Settle(ProgramName changed)
    {
        _changed.Add(changed);
        Settle();
    }

    /// <summary>As after an event of every program.</summary>
    private void SettleAll()
    {
        _isAnyChanged = true;
        Settle();
    }

    private void Settle()
    {
        _settleAgain = true;
        if (_isSettling)
            return;
        _isSettling = true;
        while (_settleAgain)
        {
            _settleAgain = false;
            var changed = _isAnyChanged ? null : _changed.ToArray();
            _changed.Clear();
            _isAnyChanged = false;
            foreach (var walk in _starts.ToArray())
                walk.Advance(changed, Find, Start);
            _starts.RemoveAll(walk => walk.IsDone);
            foreach (var walk in _stops.ToArray())
                walk.Advance(Find);
            if (_stops.RemoveAll(walk => walk.IsDone) > 0)
                _settleAgain = true;
            Forget();
        }
        JudgeFitness();
        _isSettling = false;
        CompleteEnd();
    }

    private static bool IsWanted(ProgramRunner runner) =>
        runner.IsConfigured && runner.Program.DesiredState == DesiredState.Running;

    private ProgramRunner? Find(ProgramName program) => _programs.GetValueOrDefault(program.Name);

    private void Start(ProgramRunner runner)
    {
        // What had exited, or failed for good, under this very epoch is not started again by a restart of the agent.
        var isKept = runner.KeptEpoch == Epoch
            && (runner.Condition.State == ProgramState.Fatal || ProgramMachine.IsDone(runner.Condition, runner.Program));
        // One that is stopped with others is started with them.
        if (!IsWanted(runner) || _restarting.Contains(runner.Name.Name))
            return;
        if (runner.IsOutdated)
            runner.Take(new RestartWanted());
        else if (isKept)
            runner.TryAfreshLater();
        else
            runner.Take(new StartWanted());
    }

    private void Forget()
    {
        // Asked after every event of every program: mostly there is none.
        if (!_hasRemoved)
            return;
        foreach (var gone in _programs.Values.Where(runner => runner is { IsRemoved: true, Condition.MayBeAlive: false }).ToArray())
        {
            _programs.Remove(gone.Name.Name);
            gone.Forget();
            // Whoever waits for it waits for nothing.
            (_isAnyChanged, _settleAgain) = (true, true);
            host.Forgotten(gone.Name);
        }
        _hasRemoved = _programs.Values.Any(runner => runner.IsRemoved);
    }

    private void CompleteEnd()
    {
        if (_ended.Count == 0 || !IsQuiet)
            return;
        _stops.Clear();
        ProgramLog.GroupDeactivated(host.Logger, name);
        foreach (var ended in _ended)
            ended.SetResult();
        _ended.Clear();
        var next = _next;
        _next = null;
        next?.Invoke();
    }
}
