using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux;

namespace HaGrpc.Agent.Programs;

/// <summary>Starts programs in their order, each when those before it are ready, and reports each one's outcome.</summary>
/// <param name="order">The programs.</param>
/// <param name="bound">How many may be spawned at once.</param>
/// <param name="onStep">Called when a program's start is decided.</param>
/// <param name="onDone">Called once when all are, or when one that has to run to its end first has failed for good.</param>
internal sealed class StartWalk(StartOrder order, int bound, Action<StepResult> onStep, Action onDone)
{
    private readonly Dictionary<ProgramName, BootInstant> _begun = [];
    private readonly HashSet<ProgramName> _failed = [];
    private bool _isTold;
    private LevelWalk _walk = LevelWalk.Of(order, bound);

    /// <summary>True once everything is decided.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Goes on as far as it can.</summary>
    /// <param name="changed">The programs that may have changed since it was called last; null when any may have. With hundreds under way
    /// it matters that not all of them are looked at after every event of one.</param>
    /// <param name="find">Finds a program; null when it is gone.</param>
    /// <param name="start">Asks a program to start.</param>
    public void Advance(
        IReadOnlyCollection<ProgramName>? changed, Func<ProgramName, ProgramRunner?> find, Action<ProgramRunner> start)
    {
        while (!IsDone)
        {
            foreach (var name in changed ?? [.. _walk.Busy, .. _walk.Begun])
            {
                if (_walk.Busy.Contains(name) || _walk.Begun.Contains(name))
                    Look(name, find);
            }
            _walk = _walk.Take(out var taken);
            if (taken.IsEmpty && !_walk.IsDone)
                return;
            foreach (var name in taken)
            {
                _begun[name] = new BootInstant(BootClock.Nanoseconds);
                if (find(name) is { } runner)
                    start(runner);
            }
            changed = taken;
            if (!_walk.IsDone)
                continue;
            IsDone = true;
            TellDone();
        }
    }

    private void TellDone()
    {
        if (!_isTold)
            onDone();
        _isTold = true;
    }

    private void Look(ProgramName name, Func<ProgramName, ProgramRunner?> find)
    {
        var runner = find(name);
        var progress = runner is null ? StartProgress.Failed : StartJudgement.Of(runner.Condition, runner.Program);
        if (progress == StartProgress.Underway)
            _walk = _walk.HasBegun(name);
        if (progress is StartProgress.Spawning or StartProgress.Underway)
            return;
        // An operator who repairs it and starts it again lets the walk go on.
        var holds = progress == StartProgress.Failed && runner is { Program: { Oneshot: true, DesiredState: DesiredState.Running }, IsRemoved: false };
        _walk = holds ? _walk.HasBegun(name) : _walk.Done(name);
        if (holds && !_failed.Add(name))
            return;
        var error = (progress, runner) switch
        {
            (StartProgress.Ready, _) => "",
            (_, null) => "it is not configured any more",
            (_, { Condition.Detail: { Length: > 0 } detail }) => detail,
            _ => $"it is {runner.Condition.State}",
        };
        var begun = _begun[name];
        onStep(new StepResult($"program:{name.Name}", begun, new BootInstant(BootClock.Nanoseconds) - begun, error));
        if (!holds)
            return;
        foreach (var other in _walk.HeldUpBy(name))
            find(other)?.Take(new StartRefused($"waits for {name}, which has to run to its end first and failed"));
        TellDone();
    }
}
