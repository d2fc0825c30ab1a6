using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Programs;

/// <summary>An end of a program.</summary>
/// <param name="At">Wall-clock time, for people.</param>
/// <param name="State">What it became by that.</param>
/// <param name="ExitStatus">Exit code, or minus the signal.</param>
/// <param name="Detail">What people should know; empty for an end that was wanted or expected.</param>
/// <param name="Ran">For how long it ran; null when nothing was executed.</param>
internal readonly record struct ProgramEnding(DateTimeOffset At, ProgramState State, int ExitStatus, string Detail, TimeSpan? Ran);

/// <summary>How a program came to its state.</summary>
/// <param name="NextTry">Wall-clock time of the next try by itself, for people; null for none.</param>
/// <param name="FailedStarts">Failed starts in a row.</param>
/// <param name="Ends">How it ended last, the newest last.</param>
internal sealed record ProgramPast(DateTimeOffset? NextTry, int FailedStarts, ImmutableArray<ProgramEnding> Ends);

/// <summary>How one program ended last and when it is tried again, for whoever asks why it does not run: a crash that was mended by a restart is gone from its state within milliseconds. In memory,
/// and only of programs that ended.</summary>
internal sealed class ProgramEnds
{
    /// <summary>So many are kept.</summary>
    public const int Most = 5;

    private BootInstant? _startedAt;

    /// <summary>The last ones, the newest last.</summary>
    public ImmutableArray<ProgramEnding> Last { get; private set; } = [];

    /// <summary>When something is done about it by itself.</summary>
    public BootInstant TimerAt { get; set; } = BootInstant.Never;

    /// <summary>What is to be told of it.</summary>
    /// <param name="condition">The condition at hand.</param>
    /// <param name="at">The host's wall clock.</param>
    /// <param name="now">The present instant.</param>
    public ProgramPast Of(ProgramCondition condition, DateTimeOffset at, BootInstant now) => new(
        condition.State is ProgramState.Backoff or ProgramState.Fatal && TimerAt != BootInstant.Never ? at + (TimerAt - now) : null,
        condition.FailedStarts,
        Last);

    /// <summary>Takes a condition that has come about.</summary>
    /// <param name="before">The state before it.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="at">The host's wall clock.</param>
    /// <param name="now">The present instant.</param>
    public void Take(ProgramState before, ProgramCondition condition, DateTimeOffset at, BootInstant now)
    {
        if (condition.MayBeAlive)
        {
            _startedAt = condition.StartedAt;
            return;
        }
        if (before is not (ProgramState.Starting or ProgramState.Running or ProgramState.Stopping or ProgramState.Unknown))
            return;
        var ending = new ProgramEnding(at, condition.State, condition.ExitStatus, condition.Detail, _startedAt is { } started ? now - started : null);
        Last = [.. Last.Length < Most ? Last : Last[1..], ending];
        _startedAt = null;
    }
}
