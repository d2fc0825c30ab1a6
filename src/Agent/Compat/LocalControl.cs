using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Contracts;
using HaGrpc.Core.Compat;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;
using DesiredState = HaGrpc.Core.Model.DesiredState;

namespace HaGrpc.Agent.Compat;

/// <summary>
/// Starts and stops. The control plane stores what is wanted and this host's configuration follows; while it is out of reach the
/// owner acts by itself under its lease and remembers what to tell.
/// </summary>
/// <param name="watch">Follows states.</param>
/// <param name="asks">Reaches the control plane.</param>
/// <param name="wishes">Acts without it.</param>
/// <param name="commands">Looks at commands.</param>
/// <param name="time">Bounds waits.</param>
/// <param name="logger">The log.</param>
internal sealed class LocalControl(
    StateWatch watch, DesiredStateAsks asks, Wishes wishes, CommandCheck commands, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan PlanePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(60);

    /// <summary>Starts programs, all at once.</summary>
    /// <param name="programs">The programs.</param>
    /// <param name="wait">True: until each counts as running.</param>
    /// <param name="by">The user who asks; empty when nobody knows.</param>
    /// <param name="ct">The client is gone: nobody waits any more; what was asked stays.</param>
    /// <returns>What came of each, in the order in which that was known.</returns>
    public async Task<IReadOnlyList<Outcome>> StartAsync(
        ImmutableArray<ProgramView> programs, bool wait, string by, CancellationToken ct)
    {
        var faults = programs.Select(p => ControlRules.OnStart(p.Namespec, p.Name.Group, p.State, p.Hold) is { } fault
            ? Refused("start", p, fault)
            : commands.Of(p.Program)).ToArray();
        var going = Indexes(faults);
        var known = Refusals(faults);
        var outcomes = going.ToDictionary(i => i, i => watch.ExpectAsync(
            programs[i].Name,
            fromStarting: true,
            seen => ControlRules.StartIsDecided(programs[i].Namespec, seen.State, seen.Detail, out _)));
        var refusal = await WantAsync([.. going.Select(i => programs[i])], DesiredState.Running, by);
        await Task.WhenAll(going.Select(async i =>
        {
            if (refusal.Length > 0)
                faults[i] = Refused("start", programs[i], new(FaultCode.SpawnError, $"{programs[i].Namespec}: {refusal}"));
            else if (wait)
                faults[i] = await StartedAsync(programs[i], outcomes[i], ct);
            watch.Forget(outcomes[i]);
            known.Enqueue(new(i, faults[i]));
        }));
        return [.. known];
    }

    /// <summary>Stops programs, all at once. One that has ended by itself is wanted to stay so.</summary>
    /// <param name="programs">The programs.</param>
    /// <param name="wait">True: until each is gone.</param>
    /// <param name="by">The user who asks; empty when nobody knows.</param>
    /// <param name="ct">The client is gone.</param>
    /// <returns>What came of each, in the order in which that was known.</returns>
    public async Task<IReadOnlyList<Outcome>> StopAsync(
        ImmutableArray<ProgramView> programs, bool wait, string by, CancellationToken ct)
    {
        var faults = programs.Select(p => ControlRules.OnStop(p.Namespec, p.Name.Group, p.Hold) is { } fault
            ? Refused("stop", p, fault)
            : null).ToArray();
        var going = Indexes(faults);
        var known = Refusals(faults);
        var outcomes = going.ToDictionary(i => i, i => watch.ExpectAsync(
            programs[i].Name, fromStarting: false, seen => ControlRules.StopIsDecided(seen.State)));
        var refusal = await WantAsync(
            [.. going.Select(i => programs[i]).Where(p => ControlRules.IsUp(p.State) || p.Program.DesiredState == DesiredState.Running)],
            DesiredState.Stopped,
            by);
        await Task.WhenAll(going.Select(async i =>
        {
            if (refusal.Length > 0)
                faults[i] = Refused("stop", programs[i], new(FaultCode.Failed, $"{programs[i].Namespec}: {refusal}"));
            else if (ControlRules.Stopped(programs[i].Namespec, programs[i].State) is { } already)
                faults[i] = already;
            else if (wait)
                faults[i] = await StoppedAsync(programs[i], outcomes[i], ct);
            watch.Forget(outcomes[i]);
            known.Enqueue(new(i, faults[i]));
        }));
        return [.. known];
    }

    /// <summary>Makes it wanted: by the control plane, or here.</summary>
    /// <returns>Why not; empty when it is.</returns>
    private async Task<string> WantAsync(ImmutableArray<ProgramView> programs, DesiredState wanted, string by)
    {
        if (programs.IsEmpty)
            return "";
        var action = wanted == DesiredState.Running ? "start" : "stop";
        var names = string.Join(' ', programs.Select(p => p.Name));
        var asked = new DesiredStateAsked { Reason = $"supervisorctl {action}", AskedBy = by };
        asked.Programs.AddRange(programs.Select(p => new WantedProgram
        {
            Group = p.Name.Group,
            Name = p.Name.Name,
            DesiredState = wanted.ToProto(),
            Epoch = p.Hold.Epoch,
            Anew = wanted == DesiredState.Running,
        }));
        var answer = await asks.AskAsync(asked, PlanePatience);
        if (answer?.Outcome == AskOutcome.Refused)
            return answer.Detail;
        try
        {
            if (answer?.Outcome == AskOutcome.Stored)
            {
                wishes.Drop(programs.Select(p => p.Name));
                CompatLog.Asked(logger, action, names, "stored by the control plane");
                return "";
            }
            wishes.Add([.. WishesOf(programs, wanted, by)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"it could not be written down: {e.Message}";
        }
        CompatLog.Asked(
            logger, action, names, $"done here, to be told later: {(answer is null ? "the control plane is out of reach" : answer.Detail)}");
        return "";
    }

    private IEnumerable<LocalWish> WishesOf(ImmutableArray<ProgramView> programs, DesiredState wanted, string by) =>
        programs.Select(p => new LocalWish(p.Name, wanted, p.Hold.Epoch) { By = by, At = time.GetUtcNow() });

    private async Task<SupervisorFault?> StartedAsync(ProgramView program, Task<ObservedProgram> outcome, CancellationToken ct)
    {
        try
        {
            var seen = await outcome.WaitAsync(program.Program.StartTime + Slack, time, ct);
            _ = ControlRules.StartIsDecided(program.Namespec, seen.State, seen.Detail, out var fault);
            return fault;
        }
        catch (TimeoutException)
        {
            return new(FaultCode.AbnormalTermination, $"{program.Namespec} is not up {(program.Program.StartTime + Slack).TotalSeconds:F0} s later");
        }
    }

    private async Task<SupervisorFault?> StoppedAsync(ProgramView program, Task<ObservedProgram> outcome, CancellationToken ct)
    {
        try
        {
            _ = await outcome.WaitAsync(program.Program.StopTimeout + Slack, time, ct);
            return null;
        }
        catch (TimeoutException)
        {
            return new(FaultCode.Failed, $"{program.Namespec} is not gone {(program.Program.StopTimeout + Slack).TotalSeconds:F0} s later");
        }
    }

    private SupervisorFault Refused(string action, ProgramView program, SupervisorFault fault)
    {
        if (fault.Code is FaultCode.SpawnError or FaultCode.Failed)
            CompatLog.Refused(logger, action, program.Name, fault.Text);
        return fault;
    }

    private static int[] Indexes(SupervisorFault?[] faults) =>
        [.. Enumerable.Range(0, faults.Length).Where(i => faults[i] is null)];

    private static ConcurrentQueue<Outcome> Refusals(SupervisorFault?[] faults) =>
        new(Enumerable.Range(0, faults.Length).Where(i => faults[i] is not null).Select(i => new Outcome(i, faults[i])));
}

/// <summary>What came of a start, a stop or a signal. supervisorctl's exit code is that of the last failure among the results of a
/// group, so their order has to be Supervisor's: that in which they were known.</summary>
/// <param name="Index">Which of the programs that were named.</param>
/// <param name="Fault">Why not; null for success.</param>
internal readonly record struct Outcome(int Index, SupervisorFault? Fault);
