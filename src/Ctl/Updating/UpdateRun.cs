using System.Collections.Immutable;
using System.CommandLine;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Progress;
using HaGrpc.V1;
using DesiredState = HaGrpc.Core.Model.DesiredState;
using Program = HaGrpc.Core.Model.Program;

namespace HaGrpc.Ctl.Updating;

/// <summary>Carries a plan out, one batch after another, and stops at the first process that does not become ready.</summary>
/// <param name="call">The run of the command.</param>
/// <param name="plan">What is to be done.</param>
/// <param name="permit">What was confirmed and approved before.</param>
/// <param name="reason">Kept with it.</param>
/// <param name="quiet">Says that progress is not wanted.</param>
internal sealed class UpdateRun(CommandRunner.Call call, UpdatePlan plan, UpdatePermit permit, string reason, Option<bool> quiet)
{
    /// <summary>What was done with a process.</summary>
    internal delegate void Tell(UpdateResult result);

    /// <summary>Updates.</summary>
    /// <param name="tell">Is told each process as its end is known.</param>
    /// <returns>True when every process that is wanted to run is ready.</returns>
    /// <exception cref="UsageException">The control plane found the new program wrong; nothing of the batch was registered.</exception>
    internal async Task<bool> ForwardAsync(Tell tell)
    {
        for (var number = 0; number < plan.Batches.Length; number++)
        {
            if (await CarryOutAsync(plan.Batches[number], plan.New, plan.Path is not null, "updated", tell).ConfigureAwait(false))
                continue;
            foreach (var rest in plan.Batches.Skip(number + 1).SelectMany(batch => batch))
                tell(new(rest.Name.ToString(), "not_reached", "", null, ""));
            return false;
        }
        return true;
    }

    /// <summary>Puts back on the old release what was updated, the last batch first.</summary>
    /// <param name="touched">The processes.</param>
    /// <param name="tell">Is told each.</param>
    /// <returns>True when all of them are ready again.</returns>
    internal async Task<bool> BackAsync(IReadOnlySet<string> touched, Tell tell)
    {
        var old = plan.Old.ToImmutableDictionary(pair => pair.Key, pair => pair.Value!);
        var isWhole = true;
        foreach (var batch in plan.Batches.Reverse())
        {
            Program[] back = [.. batch.Where(p => touched.Contains(p.Name.ToString()))];
            if (back.Length > 0)
                isWhole &= await CarryOutAsync([.. back], old, registers: true, "rolled_back", tell).ConfigureAwait(false);
        }
        return isWhole;
    }

    private async Task<bool> CarryOutAsync(
        ImmutableArray<Program> batch, ImmutableDictionary<ProgramName, Program> programs, bool registers, string word, Tell tell)
    {
        Program[] running = [.. batch.Where(p => p.DesiredState == DesiredState.Running)];
        var wait = running.Length == 0 ? null : await UpdateWait.BeginAsync(call, running).ConfigureAwait(false);
        var restarted = registers
            ? await RegisterAsync(batch, programs).ConfigureAwait(false)
            : await RestartAsync(running).ConfigureAwait(false);
        foreach (var process in batch.Where(p => p.DesiredState == DesiredState.Stopped))
            tell(new(process.Name.ToString(), registers ? "registered" : "stopped", "", null, ""));
        if (running.Length == 0)
            return true;
        // Also for those that have it already: an update that failed leaves processes that have it, and do not run.
        var outcomes = await WorkProgress.WhileAsync(
            call, quiet, WorkProgress.OfPrograms([.. plan.Batches.SelectMany(b => b).Select(p => p.Name.ToString())]), () => wait!.Renewing(restarted).EndAsync()).ConfigureAwait(false);
        foreach (var outcome in outcomes)
        {
            tell(outcome.IsReady && !restarted.Contains(outcome.Name)
                ? new(outcome.Name, "unchanged", "", null, "")
                : new(outcome.Name, outcome.IsReady ? (registers ? word : "restarted") : "not_ready", outcome.Host, outcome.Took.TotalSeconds, outcome.Why));
        }
        return outcomes.All(o => o.IsReady);
    }

    /// <returns>The processes that are restarted for it.</returns>
    private async Task<HashSet<string>> RegisterAsync(ImmutableArray<Program> batch, ImmutableDictionary<ProgramName, Program> programs)
    {
        var restarted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var processes in batch.GroupBy(ProgramExpansion.TemplateOf))
        {
            var request = permit.RequestOf(processes.Key, programs[processes.Key], reason);
            request.Processes.AddRange(processes.Select(p => p.Name.Name));
            var response = await call.ControlPlane.Release.UpdateProcessesAsync(request, permit.Allow(processes.Key, call.Short)).ConfigureAwait(false);
            if (response.Errors.Count > 0)
                throw new UsageException(string.Join("\nhactl: ", response.Errors.Select(e => $"{processes.Key}: {e.Path}: {e.Value}: {e.Message}")));
            restarted.UnionWith(response.Changes.Where(c => c.RestartedFor.Count > 0).Select(c => c.Object["program/".Length..]));
        }
        return restarted;
    }

    private async Task<HashSet<string>> RestartAsync(Program[] running)
    {
        if (running.Length == 0)
            return [];
        var request = new RestartProgramsRequest { Reason = reason, NoWait = true };
        request.Selectors.AddRange(running.Select(p => p.Name.ToString()));
        _ = await GuardedCall.RunAsync(
            call, permit.OfEachRestart, null, () => call.Short,
            async options => await call.ControlPlane.Admin.RestartProgramsAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
        return [.. request.Selectors];
    }
}

/// <summary>What became of a process.</summary>
/// <param name="Name"><c>GROUP:NAME</c>.</param>
/// <param name="Outcome"><c>updated</c>, <c>restarted</c>, <c>registered</c> (it is not wanted to run), <c>stopped</c>, <c>unchanged</c>, <c>not_ready</c>,
/// <c>not_reached</c>, <c>rolled_back</c>.</param>
/// <param name="Host">Where; empty when it was not waited for.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Detail">Why it is not ready.</param>
internal sealed record UpdateResult(string Name, string Outcome, string Host, double? Seconds, string Detail);
