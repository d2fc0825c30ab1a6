using Grpc.Core;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Logs;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>What an attached agent says. One message at a time: the next is read when this one is handled, so an agent
/// that says too much fills its own connection and nothing here.</summary>
internal sealed class AgentInbox(
    Tenure tenure, AgentStream stream, EventWriter history, AskDesk desk, LogDesk logs, AccountDesk accounts, RehearsalDesk rehearsals,
    ClientDesk clients, ObservationDesk observations)
{
    /// <summary>Handles messages until the agent ends the stream; the status to end with.</summary>
    public async Task<Status> ReceiveAsync(IAsyncStreamReader<AttachRequest> requests, CancellationToken ct)
    {
        try
        {
            while (await requests.MoveNext(ct))
            {
                if (await HandleAsync(requests.Current) is { } wrong)
                    return new(StatusCode.InvalidArgument, wrong);
            }
            return new(StatusCode.OK, "the agent ended the stream");
        }
        catch (RpcException e)
        {
            return e.Status;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return new(StatusCode.Cancelled, $"the connection to {stream.Address} broke: {e.Message}");
        }
    }

    private async Task<string?> HandleAsync(AttachRequest request)
    {
        switch (request.MessageCase)
        {
            case AttachRequest.MessageOneofCase.Heartbeat:
                if (AgentMessages.ToCore(request.Heartbeat) is not { } heartbeat)
                    return $"heartbeat.instance_id '{request.Heartbeat.InstanceId}' is no UUID";
                tenure.Troubles.Report(stream.Host, request.Heartbeat.Troubles);
                await tenure.Loop.RunAsync(() => Take(heartbeat));
                return null;
            case AttachRequest.MessageOneofCase.Released:
                await ReleaseAsync(request.Released);
                return null;
            case AttachRequest.MessageOneofCase.ProgramReport:
                tenure.Programs.Report(stream.Host, request.ProgramReport);
                return null;
            case AttachRequest.MessageOneofCase.Event:
                history.Write(AgentMessages.ToRecord(request.Event, stream.Host, stream.Instance));
                tenure.Switchovers.Note(stream.Host, request.Event);
                return null;
            case AttachRequest.MessageOneofCase.DesiredStateAsked:
                desk.Take(tenure, stream, request.DesiredStateAsked);
                return null;
            case AttachRequest.MessageOneofCase.LogRefused:
                logs.Refuse(stream, request.LogRefused);
                return null;
            case AttachRequest.MessageOneofCase.AccountsKnown:
                accounts.Answer(stream, request.AccountsKnown);
                return null;
            case AttachRequest.MessageOneofCase.Rehearsed:
                rehearsals.Answer(stream, request.Rehearsed);
                return null;
            case AttachRequest.MessageOneofCase.Observed:
                observations.Answer(stream, request.Observed);
                return null;
            case AttachRequest.MessageOneofCase.ReadinessReport:
                tenure.Readiness.Report(stream.Host, request.ReadinessReport);
                return null;
            case AttachRequest.MessageOneofCase.OwnersDirectories:
                await DirectoryRelay.HandOnAsync(tenure, stream.Host, request.OwnersDirectories);
                return null;
            case AttachRequest.MessageOneofCase.ClientsCounted:
                clients.Answer(stream, request.ClientsCounted);
                return null;
            case AttachRequest.MessageOneofCase.Hello:
                return "Hello was said already: it is the first message of a stream and no other";
            default:
                return null; // A message of a newer agent.
        }
    }

    private void Take(Core.Ownership.Heartbeat heartbeat)
    {
        tenure.Loop.Handle(new HeartbeatReceived(stream.Host, stream.Id, heartbeat));
        if (stream.Dismissal is { } why && heartbeat is { Holdings.IsEmpty: true, Accepted.IsEmpty: true, Ending.IsEmpty: true })
            tenure.Agents.Dismiss(stream, why);
    }

    private async Task ReleaseAsync(Released released)
    {
        if (!Guid.TryParse(released.InstanceId, out var instance) || instance != stream.Instance) // L2
            return;
        tenure.Switchovers.Note(stream.Host, released);
        history.Write(new EventRecord
        {
            Kind = "OwnershipReleased",
            Group = released.Group,
            Host = stream.Host,
            Epoch = released.Epoch,
            Message = $"{stream.Host} has ended epoch {released.Epoch} of {released.Group}",
            Steps = AgentMessages.ToRecord(released.Steps),
            SourceId = $"{stream.Host}/released/{released.Group}/{released.Epoch}",
        });
        await tenure.Loop.HandleAsync(new EpochReleased(stream.Host, stream.Id, released.Group, released.Epoch));
    }
}
