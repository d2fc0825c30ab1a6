using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux;

namespace HaGrpc.Agent.Programs;

/// <summary>Starts programs level by level and reports each one's outcome.</summary>
/// <param name="levels">The programs, in the order of starting.</param>
/// <param name="bound">How many may be starting at once.</param>
/// <param name="onStep">Called when a program's start is decided.</param>
/// <param name="onDone">Called once when all are.</param>
internal sealed class StartWalk(
    ImmutableArray<ImmutableArray<ProgramName>> levels,
    int bound,
    Action<StepResult> onStep,
    Action onDone)
{
    private readonly Dictionary<ProgramName, BootInstant> _begun = [];
    private LevelWalk _walk = LevelWalk.Of(levels, bound);

    /// <summary>True once everything is decided.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Goes on as far as it can.</summary>
    /// <param name="find">Finds a program; null when it is gone.</param>
    /// <param name="start">Asks a program to start.</param>
    public void Advance(Func<ProgramName, ProgramRunner?> find, Action<ProgramRunner> start)
    {
        while (!IsDone)
        {
            foreach (var name in _walk.Busy)
            {
                var runner = find(name);
                if (runner is null or { IsStartDecided: true })
                    Decide(name, runner);
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
            if (!_walk.IsDone)
                continue;
            IsDone = true;
            onDone();
        }
    }

    private void Decide(ProgramName name, ProgramRunner? runner)
    {
        _walk = _walk.Done(name);
        var condition = runner?.Condition;
        var error = condition switch
        {
            null => "it is not configured any more",
            { State: ProgramState.Starting or ProgramState.Running } => "",
            { Detail.Length: > 0 } => condition.Detail,
            _ => $"it is {condition.State}",
        };
        var begun = _begun[name];
        onStep(new StepResult($"program:{name.Name}", begun, new BootInstant(BootClock.Nanoseconds) - begun, error));
    }
}
