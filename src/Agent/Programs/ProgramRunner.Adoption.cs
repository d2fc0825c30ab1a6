using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>What is taken over from an earlier agent.</summary>
internal sealed partial class ProgramRunner
{
    /// <summary>Takes a live shim over.</summary>
    public void Adopt(ShimProcess shim)
    {
        Remember(shim.Spec);
        Follow(shim);
        if (shim.Record is { StartedAt: > 0 } record)
        {
            var started = new BootInstant(record.StartedAt);
            Apply(ProgramMachine.Adopt(record.Program.Pid, started, 0, Program, HostContext.Now));
            Since = host.Time.GetUtcNow() - (HostContext.Now - started);
        }
        else
        {
            Condition = Condition with { State = ProgramState.Starting, Intent = Intent.Run };
        }
        Limits.Adopt();
        if (IsConfigured)
            FollowLimits();
        // Answers with what has happened since the record was written.
        _ = shim.Send(ShimRequest.Status);
    }

    /// <summary>Takes the record of an instance that ended while no agent ran.</summary>
    public void AdoptEnd(ShimSpec spec, ShimRecord record)
    {
        Remember(spec);
        RemoveCgroup(spec);
        Apply(ProgramMachine.Adopt(
            record.Program.Pid, new BootInstant(record.StartedAt), 0, Program, new BootInstant(record.StartedAt)));
        if (record.Cause == "stopped")
            Condition = Condition with { State = ProgramState.Stopping, Intent = Intent.Stop };
        End(record, spec);
    }

    /// <summary>Ends the tree of an instance that lost its shim while no agent ran.</summary>
    public void AdoptLost(ShimSpec spec, ShimRecord? state)
    {
        Remember(spec);
        Apply(ProgramMachine.Adopt(
            state?.Program.Pid ?? 0, new BootInstant(state?.StartedAt ?? 0), 0, Program, HostContext.Now));
        _lostSpec = spec;
        _lostProgram = state?.Program ?? default;
        Take(new ShimLost());
    }

    /// <summary>Takes a condition over that needs no process.</summary>
    public void AdoptCondition(KeptCondition kept, ShimSpec? spec)
    {
        if (spec is not null)
            Remember(spec);
        Generation = kept.Generation;
        KeptEpoch = kept.Epoch;
        Condition = kept.Condition;
        Since = kept.Since;
        if (Condition.State == ProgramState.Backoff)
            SetTimer(HostContext.Now + RestartDelay.After(Math.Max(1, Condition.FailedStarts), Program.Backoff, host.Chance.NextDouble()));
    }

    /// <summary>A FATAL that an earlier agent came to is tried afresh as if it were new.</summary>
    public void TryAfreshLater()
    {
        if (Condition.State == ProgramState.Fatal && Program.FatalRetryAfter > TimeSpan.Zero)
            SetTimer(HostContext.Now + Program.FatalRetryAfter);
    }

    /// <summary>The epoch under which the condition at hand came about; 0 for none.</summary>
    public long KeptEpoch { get; private set; }
}
