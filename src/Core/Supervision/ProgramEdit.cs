using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// What an edited policy is to a program in the middle of something: whatever waits, waits as it says now. An instance that was started
/// with something else than the program now says is not the matter here (<see cref="InstanceIdentity"/>).
/// </summary>
public static class ProgramEdit
{
    /// <summary>Takes an edit in.</summary>
    /// <param name="condition">The condition before it.</param>
    /// <param name="before">The program until now.</param>
    /// <param name="after">The program from now on.</param>
    /// <param name="timer">When <see cref="TimerFired"/> is due; <see cref="BootInstant.Never"/> for none.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="chance">A random number, at least 0 and below 1: the jitter of waits.</param>
    public static ProgramStep Take(
        ProgramCondition condition, Program before, Program after, BootInstant timer, BootInstant now, double chance)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var due = Due(condition, before, after, timer, now, chance);
        var effects = ImmutableArray.CreateBuilder<ProgramEffect>();
        if (due != timer)
            effects.Add(new SetTimer(due));
        var edited = Ready(condition, before, after);
        if (edited.Detail != condition.Detail)
            effects.Add(new Report(edited));
        return new ProgramStep(edited, effects.ToImmutable());
    }

    private static BootInstant Due(
        ProgramCondition condition, Program before, Program after, BootInstant timer, BootInstant now, double chance) => condition switch
        {
            // Always from the start, so that raising it does not leave it STARTING with nothing to end that.
            { State: ProgramState.Starting, StartedAt: { } started } when before.StartTime != after.StartTime =>
                started + after.StartTime,
            // How long it has waited is not known: it waits no longer than it would have, and no longer than it would from now on.
            { State: ProgramState.Backoff } when before.Backoff != after.Backoff && Failures(condition) is > 0 and var failures =>
                BootInstant.Min(timer, now + RestartDelay.After(failures, after.Backoff, chance)),
            { State: ProgramState.Fatal } when before.FatalRetryAfter != after.FatalRetryAfter =>
                after.FatalRetryAfter > TimeSpan.Zero ? now + after.FatalRetryAfter : BootInstant.Never,
            // Its shim waits as long as it was told, so only the shorter time can be kept.
            { State: ProgramState.Stopping } when after.StopTimeout < before.StopTimeout =>
                BootInstant.Min(timer, now + after.StopTimeout),
            _ => timer,
        };

    private static int Failures(ProgramCondition condition) =>
        condition.FailedStarts > 0 ? condition.FailedStarts : condition.Crashes - 1;

    private static ProgramCondition Ready(ProgramCondition condition, Program before, Program after)
    {
        if (condition.State != ProgramState.Running)
            return condition;
        if (after.Readiness is null)
            return condition with { Detail = condition.Detail == ProgramMachine.NotReadyYet ? "" : condition.Detail };
        // Who serves already is not asked whether it has come up: the answer would come too late for it, and restart it.
        return before.Readiness is null ? condition with { PassedReadiness = true } : condition;
    }
}
