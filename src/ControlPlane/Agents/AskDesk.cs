using Grpc.Core;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using CoreState = HaGrpc.Core.Model.DesiredState;
using RunOn = HaGrpc.Core.Model.RunOn;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>
/// Stores what an operator asked for on a host by Supervisor's contract. Only the owner of a group is believed, and only under
/// the epoch that it names: a wish of a host that was cut off must not stop what runs elsewhere since.
/// </summary>
internal sealed class AskDesk(Store store, EventSignal signal)
{
    private const int Attempts = 3;
    private const int MostShown = 60;

    /// <summary>Begins to answer. The stream's next message does not wait for it: heartbeats have to go on.</summary>
    public void Take(Tenure tenure, AgentStream stream, DesiredStateAsked asked)
    {
        if (stream.BeginAsk())
            _ = AnswerAsync(tenure, stream, asked);
        else
            stream.Tell(Answer(asked, AskOutcome.Unavailable, "this host asks too much at once: ask again"));
    }

    private async Task AnswerAsync(Tenure tenure, AgentStream stream, DesiredStateAsked asked)
    {
        try
        {
            var refusal = asked.Programs.Count == 0
                ? ""
                : await tenure.Registry.WriteAsync(() => StoreAsync(tenure, stream, asked), tenure.Term.Ended);
            var answer = Answer(asked, refusal.Length == 0 ? AskOutcome.Stored : AskOutcome.Refused, refusal);
            await tenure.Loop.RunAsync(() => AddOwners(tenure, stream, answer.DesiredStateAnswer));
            stream.Tell(answer);
        }
        catch (Exception e) when (e is StorageException or RpcException or OperationCanceledException)
        {
            stream.Tell(Answer(asked, AskOutcome.Unavailable, (e as RpcException)?.Status.Detail ?? e.Message));
        }
        finally
        {
            stream.EndAsk();
        }
    }

    /// <returns>Why nothing was stored; empty when all was.</returns>
    private async Task<string> StoreAsync(Tenure tenure, AgentStream stream, DesiredStateAsked asked)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var refusal = await tenure.Loop.RunAsync(() => Objection(tenure, stream.Host, asked));
            if (refusal.Length > 0)
                return refusal;
            var known = (await store.Registry.ReadAsync(tenure.Term.Ended)).Programs.ToDictionary(p => p.Spec.Name);
            var changes = new List<DesiredChange>();
            foreach (var wanted in asked.Programs)
            {
                if (!known.TryGetValue(new(wanted.Group, wanted.Name), out var program))
                    return $"{wanted.Group}:{wanted.Name} is not registered";
                changes.Add(new(program.Spec.Name, program.Revision, ActionOn(wanted, program, asked.Past)));
            }
            var write = await store.Registry.SetDesiredAsync(
                [.. changes], ActorOf(stream, asked), asked.Reason, asked.AskedAt?.ToDateTimeOffset(), tenure.Term.Ended);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
                return "";
        }
        throw new StorageException("somebody else changes these programs at the same time");
    }

    // The host's word for one of its users: it may stop the programs without asking anybody, so it gains nothing by a false one.
    private static string ActorOf(AgentStream stream, DesiredStateAsked asked) => asked.AskedBy.Length == 0
        ? $"host {stream.Host}"
        : $"supervisorctl on {stream.Host} as {ForeignText.Visible(asked.AskedBy, MostShown)}";

    private static DesiredAction ActionOn(WantedProgram wanted, RegisteredProgram program, bool past) =>
        wanted.DesiredState != DesiredState.Running ? DesiredAction.Stop
        : wanted.Anew && !past && program.Spec.DesiredState == CoreState.Running ? DesiredAction.Restart
        : DesiredAction.Start;

    private static string Objection(Tenure tenure, string host, DesiredStateAsked asked)
    {
        var everywhere = tenure.Registry.Current.Programs.Where(p => p.Spec.RunOn == RunOn.All).Select(p => p.Spec.Name).ToHashSet();
        foreach (var wanted in asked.Programs)
        {
            // What every member runs, every member may speak for.
            if (everywhere.Contains(new(wanted.Group, wanted.Name)) && IsMember(tenure, host, wanted.Group))
                continue;
            var report = tenure.Loop.ReportGroup(wanted.Group);
            if (report is null)
                return $"group {wanted.Group} is not registered";
            if (report.Owner != host)
                return report.Owner is null ? $"nobody owns {wanted.Group} now" : $"{report.Owner} owns {wanted.Group}, not {host}";
            if (report.Epoch != wanted.Epoch)
                return $"{wanted.Group} is at epoch {report.Epoch}; this was asked under epoch {wanted.Epoch}";
        }
        return "";
    }

    private static bool IsMember(Tenure tenure, string host, string group) =>
        tenure.Registry.Current.Groups.Any(g => g.Spec.Name == group && g.Spec.Members.Any(m => m.Host == host));

    private static void AddOwners(Tenure tenure, AgentStream stream, DesiredStateAnswer answer)
    {
        foreach (var group in tenure.Registry.Current.Groups.Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == stream.Host)))
        {
            if (tenure.Loop.ReportGroup(group.Name)?.Owner is { } owner)
                answer.Owners[group.Name] = owner;
        }
    }

    private static AttachResponse Answer(DesiredStateAsked asked, AskOutcome outcome, string detail) =>
        new() { DesiredStateAnswer = new() { Id = asked.Id, Outcome = outcome, Detail = detail } };
}
