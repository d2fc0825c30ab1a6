using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>
/// Start, stop, restart: stores what is wanted, which the owner's agent then works towards, and watches it do so. All
/// programs at once, so that start times do not add up.
/// </summary>
internal sealed class ProgramCalls(LeaderSeat seat, Store store, EventSignal signal, TimeProvider time)
{
    private const int Attempts = 3;
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Answers a call.</summary>
    public async Task<ImmutableArray<ProgramResult>> RunAsync(
        DesiredAction action,
        IReadOnlyCollection<string> selectors,
        string reason,
        bool noWait,
        ServerCallContext context)
    {
        if (selectors.Count == 0)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "selectors: none given; name GROUP, GROUP:NAME, GROUP:* or all"));
        RequestText.Check("reason", reason);
        var tenure = seat.Demand();
        var before = new Dictionary<Core.Model.ProgramName, ImmutableArray<Instance>>();
        var selection = await tenure.Registry.WriteAsync(
            () => StoreAsync(tenure, action, selectors, reason, before, context), context.CancellationToken);
        var watched = selection.Programs.SelectMany(p => before[p.Spec.Name].Select(i => (Program: p, Before: i))).ToArray();
        var results = await Task.WhenAll(watched.Select(
            w => WatchAsync(tenure, action, w.Program, w.Before, noWait, context.CancellationToken)));
        var unknown = selection.NoGroups.Select(s => Failed(s, ProgramOutcome.NoSuchGroup))
            .Concat(selection.NoPrograms.Select(s => Failed(s, ProgramOutcome.NoSuchProgram))).ToArray();
        // As supervisorctl's restart, which is a stop and then a start: each tells what it does not know.
        return action == DesiredAction.Restart && !noWait
            ? [.. unknown, .. StopsOf(tenure, results, watched), .. unknown, .. results]
            : [.. unknown, .. results];
    }

    private async Task<Selection> StoreAsync(
        Tenure tenure,
        DesiredAction action,
        IReadOnlyCollection<string> selectors,
        string reason,
        Dictionary<Core.Model.ProgramName, ImmutableArray<Instance>> before,
        ServerCallContext context)
    {
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var registry = (await store.Registry.ReadAsync(context.CancellationToken)).Lasting;
            var selection = WithoutObserved(selectors, Selection.Of(selectors, registry), registry);
            await tenure.Loop.RunAsync(() =>
            {
                foreach (var program in selection.Programs.Select(p => p.Spec))
                {
                    var places = ProgramPlaces.Of(tenure, program.Name.Group).Of(program);
                    before[program.Name] = [.. places.Select(p => new Instance(
                        p.Host,
                        p.Host.Length == 0 ? null : tenure.Programs.Of(p.Host, program.Name),
                        program.RunOn == Core.Model.RunOn.All ? p.Silence : ""))];
                }
            });
            var write = await store.Registry.SetDesiredAsync(
                [.. selection.Programs.Select(p => new DesiredChange(p.Spec.Name, p.Revision, ActionOn(action, p, before[p.Spec.Name])))],
                Peer.Actor(context),
                reason,
                ct: context.CancellationToken);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
            {
                RegistryAudit.Note(AuditNotes.Of(context), write.Changes, selection.Programs, p => ActionOn(action, p, before[p.Spec.Name]));
                return selection;
            }
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(StatusCode.Aborted, $"somebody else changes these programs: {string.Join("; ", conflicts)}"));
    }

    /// <summary>What somebody else runs is neither started nor stopped: an error for whoever names it, left out of all.</summary>
    private static Selection WithoutObserved(IReadOnlyCollection<string> selectors, Selection selection, RegistrySnapshot registry)
    {
        var observed = selection.Programs.Where(p => ObservedLists.IsObserved(registry, p.Spec)).ToArray();
        if (observed.Length > 0 && !selectors.Contains("all"))
        {
            throw new RpcException(new Status(
                StatusCode.FailedPrecondition,
                $"only observed, somebody else runs it: {string.Join(", ", observed.Select(p => p.Spec.Name))}; hactl adopt hands it over"));
        }
        return selection with { Programs = selection.Programs.RemoveRange(observed) };
    }

    // A program that is wanted and has given up, or has ended, starts again only by a new generation.
    // One that is up somewhere is not replaced there because it is not up elsewhere.
    private static DesiredAction ActionOn(DesiredAction asked, RegisteredProgram program, ImmutableArray<Instance> instances) =>
        asked == DesiredAction.Start && program.Spec.DesiredState == Core.Model.DesiredState.Running && !instances.Any(i => IsUp(i.Status))
            ? DesiredAction.Restart
            : asked;

    /// <summary>What a restart's first half did; nothing where nobody could be watched doing it.</summary>
    private static IEnumerable<ProgramResult> StopsOf(
        Tenure tenure,
        ProgramResult[] starts,
        (RegisteredProgram Program, Instance Before)[] watched)
    {
        foreach (var ((program, (host, status, _)), start) in watched.Zip(starts))
        {
            var name = program.Spec.Name;
            var stillUp = start.Outcome == ProgramOutcome.Pending && IsUp(status)
                && tenure.Programs.Of(host, name) is { } now && IsUp(now) && now.Pid == status!.Pid;
            if (host.Length == 0 || stillUp)
                continue;
            yield return new ProgramResult
            {
                Name = name.ToString(),
                Host = host,
                Outcome = IsUp(status) ? ProgramOutcome.Stopped : ProgramOutcome.NotRunning,
            };
        }
    }

    private async Task<ProgramResult> WatchAsync(
        Tenure tenure,
        DesiredAction action,
        RegisteredProgram program,
        Instance before,
        bool noWait,
        CancellationToken ct)
    {
        var name = program.Spec.Name;
        var result = new ProgramResult { Name = name.ToString(), Host = before.Host };
        if (before.Host.Length == 0)
            return With(result, ProgramOutcome.Pending, "nobody owns the group now; the owner to be will see to it");
        if (Already(action, before.Status) is { } already)
            return With(result, already, "");
        if (before.Silence.Length > 0)
            return With(result, ProgramOutcome.Pending, $"wanted and stored; {before.Silence}, and will see to it");
        if (action == DesiredAction.Start && program.Spec.DesiredState == Core.Model.DesiredState.Running && program.Spec.RunOn == Core.Model.RunOn.All
            && before.Status is not null && await IsUpElsewhereAsync(tenure, program.Spec))
        {
            return With(result, ProgramOutcome.Pending, "it runs on other members and is left there: a restart tries it again on all");
        }
        if (noWait)
            return With(result, ProgramOutcome.Pending, "");
        var patience = (action == DesiredAction.Start && before.Status?.State != ProgramState.Stopping ? TimeSpan.Zero : program.Spec.StopTimeout)
            + (action == DesiredAction.Stop ? TimeSpan.Zero : program.Spec.StartTime) + Slack;
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct, tenure.Term.Ended);
        while (true)
        {
            var next = tenure.Programs.Reported.Next;
            var status = tenure.Programs.Of(result.Host, name);
            if (Judge(action, program, before.Status, status) is { } outcome)
                return With(result, outcome, status?.Detail ?? "");
            try
            {
                await next.WaitAsync(either.Token);
                // The group may have moved; whoever has it now sees to the wish.
                if (program.Spec.RunOn == Core.Model.RunOn.Owner && await OwnerAsync(tenure, name.Group) is { Length: > 0 } owner)
                    result.Host = owner;
            }
            // The second when the leadership ends in between.
            catch (Exception over) when (!ct.IsCancellationRequested && over is OperationCanceledException or RpcException)
            {
                return With(
                    result,
                    ProgramOutcome.Pending,
                    $"wanted and stored, but {result.Host} says {status?.State.ToString().ToUpperInvariant() ?? "nothing"} after {patience.TotalSeconds:F0} s");
            }
        }
    }

    private static Task<string> OwnerAsync(Tenure tenure, string group) => tenure.Loop.RunAsync(() => ProgramPlaces.Of(tenure, group).Owner.Host);

    private static Task<bool> IsUpElsewhereAsync(Tenure tenure, Core.Model.Program program) => tenure.Loop.RunAsync(
        () => ProgramPlaces.Of(tenure, program.Name.Group).Of(program).Any(p => IsUp(tenure.Programs.Of(p.Host, program.Name))));

    // One that is stopping is on its way to be started: whoever asked waits for that.
    private static ProgramOutcome? Already(DesiredAction action, ProgramStatus? status) => (action, IsUp(status)) switch
    {
        (DesiredAction.Start, true) when status!.State != ProgramState.Stopping => ProgramOutcome.AlreadyStarted,
        (DesiredAction.Stop, false) => ProgramOutcome.NotRunning,
        _ => null,
    };

    private static bool IsUp(ProgramStatus? status) =>
        status?.State is ProgramState.Running or ProgramState.Starting or ProgramState.Stopping or ProgramState.Backoff;

    /// <summary>What came of it; null while it is under way.</summary>
    private static ProgramOutcome? Judge(
        DesiredAction action, RegisteredProgram program, ProgramStatus? before, ProgramStatus? now)
    {
        if (now is null)
            return null;
        if (action == DesiredAction.Stop)
            return now.State is ProgramState.Stopped or ProgramState.Exited or ProgramState.Fatal ? ProgramOutcome.Stopped : null;
        var isNew = now.Pid != (before?.Pid ?? 0) || now.State != before?.State || !Equals(now.Since, before?.Since);
        if (!isNew || (action == DesiredAction.Restart && now.RestartGeneration <= program.Spec.RestartGeneration))
            return null;
        return now.State switch
        {
            ProgramState.Running => ProgramOutcome.Started,
            ProgramState.Fatal => ProgramOutcome.SpawnError,
            ProgramState.Exited => ProgramOutcome.AbnormalTermination,
            _ => null,
        };
    }

    /// <summary>A program on one host before the call.</summary>
    /// <param name="Host">Empty when nobody owns its group.</param>
    /// <param name="Status">What the host said last.</param>
    /// <param name="Silence">Why nobody waits for the host; empty when somebody does.</param>
    private sealed record Instance(string Host, ProgramStatus? Status, string Silence);

    private static ProgramResult Failed(string name, ProgramOutcome outcome) => new() { Name = name, Outcome = outcome };

    private static ProgramResult With(ProgramResult result, ProgramOutcome outcome, string detail)
    {
        (result.Outcome, result.Detail) = (outcome, detail);
        return result;
    }
}
