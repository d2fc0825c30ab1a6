using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using DesiredState = HaGrpc.Core.Model.DesiredState;
using Group = HaGrpc.Core.Model.Group;
using HandedProcess = HaGrpc.Core.Model.HandedProcess;
using ProgramName = HaGrpc.Core.Model.ProgramName;
using ProgramSpec = HaGrpc.Core.Model.Program;
using SupervisionMode = HaGrpc.Core.Model.SupervisionMode;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Hands a group, or some of its programs, over as they run, and watches that it arrives.</summary>
internal sealed partial class AdoptCall(LeaderSeat seat, Sightings sightings, Store store, EventSignal signal, TimeProvider time, ILogger<AdoptCall> log)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    /// <summary>Answers the call.</summary>
    public async Task<AdoptResponse> RunAsync(AdoptRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        var tenure = seat.Demand();
        // Hosts are asked before the turn to write is taken: nobody else has to wait for them.
        var stored = (await store.Registry.ReadAsync(context.CancellationToken)).Lasting;
        var decided = await DecideAsync(request, tenure, stored, context.CancellationToken);
        if (request.DryRun)
            return decided.Answer;
        _ = await tenure.Registry.WriteAsync(() => StoreAsync(request, decided, stored, tenure, context), context.CancellationToken);
        await WatchAsync(tenure, decided, context.CancellationToken);
        return decided.Answer;
    }

    /// <summary>What the call would do now.</summary>
    /// <exception cref="RpcException">NOT_FOUND, FAILED_PRECONDITION: it would do nothing, and why.</exception>
    public async Task<AdoptResponse> PlanAsync(AdoptRequest request, Tenure tenure, RegistrySnapshot stored, CancellationToken ct) =>
        (await DecideAsync(request, tenure, stored, ct)).Answer;

    private async Task<RegistryWrite> StoreAsync(
        AdoptRequest request, Decision decided, RegistrySnapshot stored, Tenure tenure, ServerCallContext context)
    {
        var actor = Peer.Actor(context);
        var reason = request.Reason.Length > 0 ? request.Reason : "an operator handed it over";
        var changes = decided.Changes with { Cause = $"adopt: {reason}", Reason = reason };
        var first = decided.IsFirst ? new FirstOwner(decided.Group.Name, decided.Answer.Host, tenure.Term.Number, reason, Peer.Lasting(context)) : null;
        var write = await store.Registry.HandOverAsync(changes, first, stored.ConfigurationRevision, actor, context.CancellationToken);
        signal.Pulse();
        if (write.Outcome != RegistryOutcome.Applied)
        {
            throw new RpcException(new Status(
                StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was handed over: {string.Join("; ", write.Conflicts)}"));
        }
        RegistryAudit.Note(AuditNotes.Of(context), write.Changes, stored, changes);
        LogHandedOver(log, actor, decided.Group.Name, decided.Answer.Programs.Count, decided.Answer.Host);
        return write;
    }

    private async Task<Decision> DecideAsync(AdoptRequest request, Tenure tenure, RegistrySnapshot stored, CancellationToken ct)
    {
        var group = Sightings.GroupOf(stored, request.Group);
        var observed = Sightings.ObservedOf(stored, group);
        var isFirst = group.Mode == SupervisionMode.Observe;
        if (!isFirst && observed.IsEmpty)
            throw Refused($"{group.Name} is managed already, and so is each of its programs: there is nothing to hand over");
        var chosen = Choose(request, group, observed, stored);
        var (hosts, owner) = await sightings.AskAsync(tenure, group, preflight: false, ct);
        if (!isFirst && owner.Length == 0)
            throw Refused($"nobody owns {group.Name} now: its programs can be handed over when somebody does");
        ImmutableArray<HostSight> sights = [.. hosts.Select(h => Sightings.ToCore(h, group, observed))];
        // Whatever is not handed over now stays with the group's host, and must not be somewhere else either.
        var plan = AdoptionPlan.Of(group, chosen, sights, isFirst ? "" : owner, request.Host, request.Force);
        if (!plan.Obstacles.IsEmpty)
            throw Refused(string.Join("\n", plan.Obstacles));
        var handed = plan.Programs.ToDictionary(p => p.Name);
        var answer = new AdoptResponse { Host = plan.Host };
        answer.Programs.AddRange(plan.Programs.Select(p => new AdoptedProgram
        {
            Name = p.Name.ToString(),
            Pid = p.Processes.FirstOrDefault(h => h.Host == plan.Host)?.Pid ?? 0,
            Outcome = p.Outcome,
        }));
        answer.Remaining.AddRange(observed.Where(p => !handed.ContainsKey(p.Name)).Select(p => p.Name.ToString()));
        if (isFirst)
            answer.Addresses.AddRange(sights.First(s => s.Host == plan.Host).Addresses.Where(a => a.FoundOn.Length > 0).Select(a => a.Vip.Address));
        return new(group, isFirst, ChangesOf(group, isFirst, observed, handed, plan.Host), answer);
    }

    private static ImmutableArray<ProgramSpec> Choose(AdoptRequest request, Group group, ImmutableArray<ProgramSpec> observed, RegistrySnapshot stored)
    {
        if (request.Programs.Count == 0)
            return observed;
        var problems = new List<string>();
        foreach (var name in request.Programs)
        {
            if (observed.Any(p => p.Name.Name == name))
                continue;
            var known = stored.Programs.Select(p => p.Spec.Name).Where(p => p.Group == group.Name).Select(p => p.Name).ToArray();
            problems.Add(known.Contains(name)
                ? $"{group.Name}:{name} is managed already"
                : $"{group.Name}:{name}: there is no such program{(NearestName.Of(name, known) is { } near ? $"; did you mean {near}?" : "")}");
        }
        return problems.Count == 0 ? [.. observed.Where(p => request.Programs.Contains(p.Name.Name))] : throw Refused(string.Join("\n", problems));
    }

    private static RegistryChanges ChangesOf(
        Group group, bool isFirst, ImmutableArray<ProgramSpec> observed, Dictionary<ProgramName, HandedProgram> handed, string host)
    {
        var programs = ImmutableArray.CreateBuilder<ProgramSpec>();
        foreach (var program in observed)
        {
            if (!handed.TryGetValue(program.Name, out var given))
                programs.Add(program with { Mode = SupervisionMode.Observe });
            // What runs is wanted to run: a hand-over stops nothing.
            else if (!given.Processes.IsEmpty)
                programs.Add(program with { Mode = SupervisionMode.Manage, Handed = given.Processes, DesiredState = DesiredState.Running });
            else
                programs.Add(program with { Mode = SupervisionMode.Manage, Handed = [] });
        }
        return new()
        {
            Groups = isFirst ? [group with { Mode = SupervisionMode.Manage, HandedTo = host }] : [],
            Programs = programs.ToImmutable(),
            DesiredStates = [.. handed.Values.Where(h => !h.Processes.IsEmpty).Select(h => h.Name)],
        };
    }

    /// <summary>Waits until the host acts as owner and says of each process that it has it. What takes longer is told, and goes on.</summary>
    private async Task WatchAsync(Tenure tenure, Decision decided, CancellationToken ct)
    {
        var (answer, group) = (decided.Answer, decided.Group);
        using var limit = new CancellationTokenSource((group.Timing.Ttl * 2) + group.Timing.TakeoverMargin + Slack, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct, tenure.Term.Ended);
        var processes = decided.Changes.Programs.SelectMany(p => p.Handed.Select(h => (p.Name, Process: h))).ToArray();
        var owned = tenure.Loop.UntilAsync(group.Name, report => report is { Phase: Core.Ownership.GroupPhase.Owned }, either.Token);
        while (true)
        {
            var next = tenure.Programs.Reported.Next;
            var missing = processes.Where(p => !Has(tenure, p.Name, p.Process)).ToArray();
            answer.Epoch = (await tenure.Loop.RunAsync(() => tenure.Loop.ReportGroup(group.Name)))?.Epoch ?? 0;
            foreach (var program in answer.Programs)
            {
                if (missing.FirstOrDefault(m => m.Name.ToString() == program.Name) is { Process: { } late })
                    program.Outcome = $"handed over, but {late.Host} says {SaidOf(tenure, late.Host, program.Name)}";
                else if (processes.Any(p => p.Name.ToString() == program.Name))
                    program.Outcome = string.Join(", ", processes.Where(p => p.Name.ToString() == program.Name).Select(p => $"adopted pid {p.Process.Pid} on {p.Process.Host}"));
                else if (program.Outcome.StartsWith("not found: starts it", StringComparison.Ordinal))
                    program.Outcome = $"not found: {SaidOf(tenure, answer.Host, program.Name)}";
            }
            if (missing.Length == 0 && owned.IsCompleted)
                return;
            try
            {
                await (missing.Length == 0 ? owned : owned.IsCompleted ? next : Task.WhenAny(next, owned)).WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static bool Has(Tenure tenure, ProgramName program, HandedProcess process) =>
        tenure.Programs.Of(process.Host, program) is { State: not ProgramState.Observed } status && status.Pid == process.Pid;

    private static string SaidOf(Tenure tenure, string host, string program)
    {
        var colon = program.IndexOf(':', StringComparison.Ordinal);
        return tenure.Programs.Of(host, new(program[..colon], program[(colon + 1)..])) is { State: not ProgramState.Observed } status
            ? $"{status.State.ToString().ToUpperInvariant()}{(status.Detail.Length > 0 ? $", {status.Detail}" : "")}"
            : "nothing of it yet";
    }

    private static RpcException Refused(string why) => new(new Status(StatusCode.FailedPrecondition, why));

    /// <summary>What is done.</summary>
    /// <param name="Group">The group as it was.</param>
    /// <param name="IsFirst">True when the group itself is handed over.</param>
    /// <param name="Changes">What is written.</param>
    /// <param name="Answer">What the operator is told.</param>
    private sealed record Decision(Group Group, bool IsFirst, RegistryChanges Changes, AdoptResponse Answer);

    [LoggerMessage(1351, LogLevel.Information, "{Actor} has handed over {Group}, {Count} programs, as it runs on {Host}")]
    private static partial void LogHandedOver(ILogger log, string actor, string group, int count, string host);
}
