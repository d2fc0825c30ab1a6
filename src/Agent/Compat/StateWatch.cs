using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Compat;

/// <summary>Follows the states of programs: when each started and ended last, and what becomes of a start or stop.</summary>
internal sealed class StateWatch
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ProgramName, ProcessTimes> _times = [];
    private readonly List<Expectation> _expectations = [];

    /// <summary>Takes a change of state; called on the programs' thread.</summary>
    public void Take(ObservedProgram observed)
    {
        Expectation[] done;
        lock (_lock)
        {
            _ = _times.TryGetValue(observed.Name, out var before);
            _times[observed.Name] = observed.State switch
            {
                ProgramState.Starting => before with { Started = observed.Since },
                ProgramState.Running or ProgramState.Stopping or ProgramState.Unknown => before with { Started = before.Started ?? observed.Since },
                _ => new(before.Started ?? (observed.HasRun ? observed.Since : null), observed.Since),
            };
            done = [.. _expectations.Where(e => e.Program == observed.Name && e.IsMet(observed))];
            _expectations.RemoveAll(done.Contains);
        }
        foreach (var met in done)
            met.Result.TrySetResult(observed);
    }

    /// <summary>When a program started and ended last, as far as this agent or its predecessor saw it.</summary>
    public ProcessTimes TimesOf(ObservedProgram observed)
    {
        lock (_lock)
        {
            if (_times.TryGetValue(observed.Name, out var seen))
                return seen;
        }
        return !observed.HasRun ? default
            : ProgramCondition.Initial with { State = observed.State } is { MayBeAlive: true } ? new(observed.Since, null)
            : new(observed.Since, observed.Since);
    }

    /// <summary>Forgets when a program started and ended: it counts as new.</summary>
    public void Renew(ProgramName program)
    {
        lock (_lock)
            _times[program] = default;
    }

    /// <summary>Completes at the first state that decides.</summary>
    /// <param name="program">The program.</param>
    /// <param name="fromStarting">True: states before the next STARTING do not count.</param>
    /// <param name="decides">Looks at a state.</param>
    public Task<ObservedProgram> ExpectAsync(ProgramName program, bool fromStarting, Func<ObservedProgram, bool> decides)
    {
        var expectation = new Expectation(program, decides) { Counts = !fromStarting };
        lock (_lock)
            _expectations.Add(expectation);
        return expectation.Result.Task;
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Forget(Task<ObservedProgram> expected)
    {
        lock (_lock)
            _expectations.RemoveAll(e => e.Result.Task == expected);
    }

    private sealed record Expectation(ProgramName Program, Func<ObservedProgram, bool> Decides)
    {
        public TaskCompletionSource<ObservedProgram> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Counts { get; set; }

        public bool IsMet(ObservedProgram observed)
        {
            Counts |= observed.State == ProgramState.Starting;
            return Counts && Decides(observed);
        }
    }
}

/// <summary>When a process started and ended last; null for never.</summary>
/// <param name="Started">Start.</param>
/// <param name="Stopped">End.</param>
internal readonly record struct ProcessTimes(DateTimeOffset? Started, DateTimeOffset? Stopped);
