using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>One step: the new condition and what is to be done, in order.</summary>
/// <param name="Condition">The condition after it.</param>
/// <param name="Effects">What is to be done.</param>
public readonly record struct ProgramStep(ProgramCondition Condition, ImmutableArray<ProgramEffect> Effects);

/// <summary>
/// Decides what becomes of a program: (condition, event, now) to effects, by the supervision table. Whether a start
/// succeeded is judged by the time of the exit, never by when it was noticed: Supervisor's race, in which a program that dies
/// at once counts as RUNNING and its retry counter starts over, cannot happen.
/// </summary>
public static class ProgramMachine
{
    /// <summary>The detail of one that runs and whose check of readiness has not passed.</summary>
    public const string NotReadyYet = "not ready yet";

    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestRound = TimeSpan.FromSeconds(1);

    /// <summary>Works one event off.</summary>
    /// <param name="condition">The condition before it.</param>
    /// <param name="occurred">The event.</param>
    /// <param name="program">The program's policy: restart, start time, retries, exit codes, stop timeout.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="chance">A random number, at least 0 and below 1: the jitter of waits.</param>
    public static ProgramStep Step(
        ProgramCondition condition, ProgramEvent occurred, Program program, BootInstant now, double chance)
    {
        var turn = new Turn(condition, program, now, chance);
        turn.Take(ReactionTable.For(condition.State, occurred.Kind), occurred);
        return new ProgramStep(turn.Condition, turn.Effects.ToImmutable());
    }

    /// <summary>Takes over an instance that an earlier agent had started.</summary>
    /// <param name="pid">Process id of its main process.</param>
    /// <param name="startedAt">When it was executed.</param>
    /// <param name="failedStarts">Failed starts before it, as far as known.</param>
    /// <param name="program">The program's policy.</param>
    /// <param name="now">The present instant.</param>
    public static ProgramStep Adopt(int pid, BootInstant startedAt, int failedStarts, Program program, BootInstant now)
    {
        var starting = ProgramCondition.Initial with
        {
            State = ProgramState.Starting,
            Intent = Intent.Run,
            FailedStarts = failedStarts,
            // Whether it has been is not known, and restarting what serves would be worse than believing it.
            PassedReadiness = true,
        };
        return Step(starting, new ProgramExecuted(pid, startedAt), program, now, chance: 0);
    }

    /// <summary>True for a program that has exited and that its policy leaves so. EXITED is otherwise passed through on the way to the next
    /// start, and an agent that was killed at that point has left it behind.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="program">The program's policy.</param>
    public static bool IsDone(ProgramCondition condition, Program program)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(program);
        return condition.State == ProgramState.Exited && (program.Oneshot
            || program.Restart == RestartPolicy.Never
            || (program.Restart == RestartPolicy.Unexpected && program.ExitCodes.Contains(condition.ExitStatus)));
    }

    private sealed class Turn(ProgramCondition condition, Program program, BootInstant now, double chance)
    {
        public ProgramCondition Condition { get; private set; } = condition;

        public ImmutableArray<ProgramEffect>.Builder Effects { get; } = ImmutableArray.CreateBuilder<ProgramEffect>();

        public void Take(Reaction reaction, ProgramEvent occurred)
        {
            switch (reaction)
            {
                case Reaction.Ignore:
                    break;
                case Reaction.Begin:
                    Condition = Condition with { Crashes = 0 };
                    Start(failedStarts: 0);
                    break;
                case Reaction.Retry:
                    Start(Condition.FailedStarts);
                    break;
                case Reaction.Settle:
                    Become(Condition with { State = ProgramState.Stopped, Intent = Intent.Stop, FailedStarts = 0, Crashes = 0, Detail = "" });
                    break;
                case Reaction.Refuse:
                    Become(Condition with { State = ProgramState.Stopped, Detail = ((StartRefused)occurred).Detail });
                    break;
                case Reaction.Stop:
                    BeginStopping(Intent.Stop, new SendStopSignal(), program.StopTimeout);
                    break;
                case Reaction.Kill:
                    BeginStopping(Intent.Stop, new KillTree(), KillInterval);
                    break;
                case Reaction.Replace:
                    BeginStopping(Intent.Restart, new SendStopSignal(), program.StopTimeout);
                    break;
                case Reaction.NoteExecuted:
                    NoteExecuted((ProgramExecuted)occurred);
                    break;
                case Reaction.NotePid:
                    Condition = Condition with { Pid = ((ProgramExecuted)occurred).Pid };
                    break;
                case Reaction.Promote:
                    Promote();
                    break;
                case Reaction.FailStart:
                    var failure = (StartFailed)occurred;
                    FailStart(failure.Detail, failure.At, exitStatus: 0);
                    break;
                case Reaction.Judge:
                    Judge((ProgramEnded)occurred);
                    break;
                case Reaction.Finish:
                    Finish(occurred as ProgramEnded);
                    break;
                case Reaction.Lose:
                    Become(Condition with { State = ProgramState.Unknown, Detail = "its shim was lost; its processes are being ended" }, now + KillInterval);
                    Effects.Add(new KillTree());
                    break;
                case Reaction.KillAgain:
                    if (occurred is KillWanted)
                        Condition = Condition with { Intent = Intent.Stop };
                    Effects.Add(new KillTree());
                    Effects.Add(new SetTimer(Condition.MayBeAlive ? now + KillInterval : BootInstant.Never));
                    break;
                case Reaction.WantRun:
                    Condition = Condition with { Intent = Intent.Run };
                    break;
                case Reaction.WantStop:
                    Condition = Condition with { Intent = Intent.Stop };
                    break;
                case Reaction.WantRestart:
                    Condition = Condition with { Intent = Intent.Restart };
                    break;
                case Reaction.NoteReady:
                    NoteReady();
                    break;
                case Reaction.Recover:
                    Condition = Condition with { Detail = ((CheckFailed)occurred).Detail };
                    BeginStopping(Intent.Recover, new SendStopSignal(), program.StopTimeout);
                    break;
                case Reaction.Unfilled:
                default:
                    throw new InvalidOperationException($"no reaction to {occurred.Kind} in {Condition.State}");
            }
        }

        private void Become(ProgramCondition next, BootInstant? timer = null)
        {
            Condition = next.MayBeAlive ? next : next with { Pid = 0, StartedAt = null };
            Effects.Add(new SetTimer(timer ?? BootInstant.Never));
            Effects.Add(new Report(Condition));
        }

        private void Start(int failedStarts)
        {
            Become(Condition with
            {
                State = ProgramState.Starting,
                Intent = Intent.Run,
                FailedStarts = failedStarts,
                Pid = 0,
                StartedAt = null,
                PassedReadiness = false,
                ExitStatus = 0,
                Detail = "",
            });
            Effects.Add(new Spawn());
        }

        private void BeginStopping(Intent intent, ProgramEffect how, TimeSpan patience)
        {
            Become(Condition with { State = ProgramState.Stopping, Intent = intent }, now + patience);
            Effects.Add(how);
        }

        private void NoteExecuted(ProgramExecuted executed)
        {
            Become(Condition with { Pid = executed.Pid, StartedAt = executed.At }, executed.At + program.StartTime);
            Promote();
        }

        // FailedStarts stays: only an exit that comes late enough proves that the start was good.
        private void Promote()
        {
            if (Condition.StartedAt is { } started && now >= started + program.StartTime)
                Become(Condition with { State = ProgramState.Running, Detail = IsReady ? Condition.Detail : NotReadyYet });
        }

        private bool IsReady => program.Readiness is null || Condition.PassedReadiness;

        private void NoteReady()
        {
            if (Condition.PassedReadiness)
                return;
            Condition = Condition with { PassedReadiness = true, Detail = Condition.Detail == NotReadyYet ? "" : Condition.Detail };
            Effects.Add(new Report(Condition));
        }

        private void FailStart(string detail, BootInstant at, int exitStatus)
        {
            var failed = Condition.FailedStarts + 1;
            var next = Condition with { FailedStarts = failed, ExitStatus = exitStatus, Detail = detail };
            if (failed <= program.StartRetries)
            {
                Become(next with { State = ProgramState.Backoff }, at + RestartDelay.After(failed, program.Backoff, chance));
                return;
            }
            Become(
                next with { State = ProgramState.Fatal },
                program.FatalRetryAfter > TimeSpan.Zero ? now + program.FatalRetryAfter : null);
            if (program.FatalAction == FatalAction.RestartGroup)
                Effects.Add(new RestartGroup());
            else if (program.FatalAction == FatalAction.FailOver)
                Effects.Add(new CallUnfit(detail));
        }

        private void Judge(ProgramEnded ended)
        {
            if (ended.Cause == EndCause.Deadline)
            {
                Become(Condition with
                {
                    State = ProgramState.Stopped,
                    ExitStatus = ended.ExitStatus,
                    Detail = "killed: the lease of its group was over",
                });
                return;
            }
            var expected = program.ExitCodes.Contains(ended.ExitStatus) && ended is { Cause: not EndCause.Lost, IsStatusUnknown: false };
            if (program.Oneshot)
            {
                if (expected)
                    Become(Condition with { State = ProgramState.Exited, FailedStarts = 0, ExitStatus = ended.ExitStatus, Detail = "" });
                else
                    FailStart(Describe(ended), ended.At, ended.ExitStatus);
                return;
            }
            if (Condition.StartedAt is not { } started || ended.At < started + program.StartTime)
            {
                FailStart(
                    ended switch
                    {
                        { Cause: EndCause.Lost } => "its shim was lost before the program had been up long enough",
                        { Breach: not Breach.None } => $"Exited too quickly: {BreachText.Of(ended, program.Limits)}",
                        _ => "Exited too quickly (process log may have details)",
                    },
                    ended.At,
                    ended.ExitStatus);
                return;
            }
            if (!IsReady)
            {
                FailStart($"ended before it was ready: {Describe(ended, unexpected: "")}", ended.At, ended.ExitStatus);
                return;
            }
            Become(Condition with
            {
                State = ProgramState.Exited,
                FailedStarts = 0,
                ExitStatus = ended.ExitStatus,
                Detail = expected ? "" : Describe(ended),
            });
            if (program.Restart == RestartPolicy.Always || (program.Restart == RestartPolicy.Unexpected && !expected))
                StartAgain(expected, ended.At - started, ended.At);
        }

        // A worker that is meant to end is started at once, and so is one that crashed for the first time. A loop of crashes waits.
        private void StartAgain(bool expected, TimeSpan uptime, BootInstant at)
        {
            // With a start time of nothing: Supervisor looks once a second, and that is all that keeps such a loop from taking a processor.
            if (expected && uptime < ShortestRound)
            {
                Become(
                    Condition with { State = ProgramState.Backoff, Detail = "ended as expected, and so soon that it is started once in 1 s at most" },
                    at + (ShortestRound - uptime));
                return;
            }
            var crashes = expected ? Condition.Crashes : uptime >= program.Backoff.Longest ? 1 : Condition.Crashes + 1;
            Condition = Condition with { Crashes = crashes };
            if (expected || crashes <= 1)
            {
                Start(failedStarts: 0);
                return;
            }
            Become(
                Condition with { State = ProgramState.Backoff, Detail = $"{Condition.Detail}; crashed {crashes} times in a row" },
                at + RestartDelay.After(crashes - 1, program.Backoff, chance));
        }

        private void Finish(ProgramEnded? ended)
        {
            if (Condition.Intent == Intent.Recover && ended is { Cause: not EndCause.Deadline })
            {
                Recover(ended);
                return;
            }
            if (Condition.Intent == Intent.Run && ended is not null)
            {
                Judge(ended);
                return;
            }
            var restart = Condition.Intent == Intent.Restart && ended?.Cause != EndCause.Deadline;
            Become(Condition with
            {
                State = ProgramState.Stopped,
                FailedStarts = 0,
                Crashes = 0,
                ExitStatus = ended?.ExitStatus ?? Condition.ExitStatus,
                Detail = "",
            });
            if (restart)
                Start(failedStarts: 0);
        }

        private void Recover(ProgramEnded ended)
        {
            if (!IsReady || Condition.StartedAt is not { } started)
            {
                FailStart(Condition.Detail, ended.At, ended.ExitStatus);
                return;
            }
            Become(Condition with { State = ProgramState.Exited, FailedStarts = 0, ExitStatus = ended.ExitStatus });
            StartAgain(expected: false, ended.At - started, ended.At);
        }

        private string Describe(ProgramEnded ended, string unexpected = "; not expected") => ended switch
        {
            { Cause: EndCause.Lost } => $"its shim was lost{unexpected}",
            { Breach: not Breach.None } => $"{BreachText.Of(ended, program.Limits)}{unexpected}",
            { IsStatusUnknown: true } => "ended with a status that only its former supervisor knows",
            // The kernel sends the same signal when the host is out of memory, and does not say so to anybody but its own log.
            { ExitStatus: -9, Cause: EndCause.Own } => $"terminated by signal 9, which its supervisor did not send{unexpected}",
            { ExitStatus: < 0 } => $"terminated by signal {-ended.ExitStatus}{unexpected}",
            _ => $"exit status {ended.ExitStatus}{unexpected}",
        };
    }
}
