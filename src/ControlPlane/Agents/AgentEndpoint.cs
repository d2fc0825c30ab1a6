using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Logs;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Identity;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>The agents' stream: hello and admission, then messages both ways until one side ends it.</summary>
internal sealed partial class AgentEndpoint(
    LeaderSeat seat,
    AdmissionDesk desk,
    AskDesk asks,
    LogDesk logs,
    AccountDesk accounts,
    RehearsalDesk rehearsals,
    ClientDesk clients,
    ObservationDesk observations,
    EventWriter history,
    ProcessIdentity identity,
    IHostApplicationLifetime lifetime,
    ILogger<AgentEndpoint> log)
    : AgentService.AgentServiceBase
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);
    private long _lastStreamId;

    /// <inheritdoc/>
    public override async Task Attach(
        IAsyncStreamReader<AttachRequest> requestStream,
        IServerStreamWriter<AttachResponse> responseStream,
        ServerCallContext context)
    {
        var (applicant, stream, wait) = await ReadHelloAsync(requestStream, context);
        var tenure = seat.Current ?? await WaitForLeaderAsync(wait, context);
        var verdict = await tenure.Loop.RunAsync(() => Admit(applicant, stream, tenure));
        if (!verdict.Admitted)
            throw new RpcException(new Status(AdmissionDesk.StatusOf(verdict.Objection), verdict.Message));
        LogAttached(log, stream.Host, stream.Address, stream.AgentVersion, stream.Id);

        using var done = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var sending = SendAsync(stream, responseStream, done.Token);
        var receiving = new AgentInbox(tenure, stream, history, asks, logs, accounts, rehearsals, clients, observations).ReceiveAsync(requestStream, done.Token);
        await Task.WhenAny(stream.Ended, sending, receiving, tenure.Term.Over);
        var status = await FinishAsync(tenure, stream, receiving);
        await Task.WhenAny(sending, Task.Delay(LastWords, CancellationToken.None));
        await done.CancelAsync();
        LogDetached(log, stream.Host, stream.Id, status.Detail);
        if (status.StatusCode != StatusCode.OK)
            throw new RpcException(status);
    }

    /// <inheritdoc/>
    public override Task<SendLogsResponse> SendLogs(
        IAsyncStreamReader<SendLogsRequest> requestStream, ServerCallContext context) =>
        logs.ReceiveAsync(requestStream, context);

    private AdmissionVerdict Admit(Applicant applicant, AgentStream stream, Tenure tenure)
    {
        var verdict = desk.Admit(applicant, stream, tenure);
        if (!verdict.Admitted)
            return verdict;
        stream.Tell(new()
        {
            Welcome = new() { ControlPlaneId = identity.ToString(), Term = tenure.Term.Number, StreamId = stream.Id },
        });
        stream.Tell(tenure.Registry.ConfigurationOf(stream.Host));
        if (tenure.Registry.NotePeer(stream) is { } problem)
            LogPeerAddress(log, stream.Host, stream.Address, problem);
        return verdict;
    }

    private async Task<Tenure> WaitForLeaderAsync(TimeSpan wait, ServerCallContext context)
    {
        if (wait <= TimeSpan.Zero)
            return seat.Demand();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        patience.CancelAfter(wait < LongestHold ? wait : LongestHold);
        // The agent sees by them that somebody is here.
        var headers = seat.Directions();
        headers.Add(LeaderSeat.HoldsKey, "1");
        await context.WriteResponseHeadersAsync(headers);
        return await seat.DemandSoonAsync(patience.Token);
    }

    private async Task<(Applicant Applicant, AgentStream Stream, TimeSpan Wait)> ReadHelloAsync(
        IAsyncStreamReader<AttachRequest> requests, ServerCallContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        patience.CancelAfter(HelloTimeout);
        Hello? hello = null;
        try
        {
            if (await requests.MoveNext(patience.Token))
                hello = requests.Current.Hello;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            throw Malformed($"no Hello within {HelloTimeout.TotalSeconds} s");
        }
        if (hello is null)
            throw Malformed("the first message must be Hello");
        if (!Guid.TryParse(hello.InstanceId, out var instance) || !Guid.TryParse(hello.BootId, out var boot))
            throw Malformed($"instance_id '{hello.InstanceId}' and boot_id '{hello.BootId}' must both be UUIDs");
        if (hello.WallClock is null)
            throw Malformed("wall_clock is missing");
        var certificate = context.GetHttpContext().Connection.ClientCertificate;
        var stream = new AgentStream(hello.Host, instance, boot, Peer.Of(context), hello.AgentVersion)
        {
            Id = Interlocked.Increment(ref _lastStreamId),
            AttachedAt = new BootInstant(BootClock.Nanoseconds),
            SendsLogs = hello.SendsLogs,
            KnowsAccounts = hello.KnowsAccounts,
            Rehearses = hello.Rehearses,
            ComparesDirectories = hello.ComparesDirectories,
            CountsClients = hello.CountsClients,
            Observes = hello.Observes,
            PeerAddress = hello.PeerAddress,
            RemoteAddress = context.GetHttpContext().Connection.RemoteIpAddress,
            Certificate = certificate is null ? null : EnrollmentEndpoint.Stored(certificate, hello.Host, StoredCertificate.Foreign),
        };
        return (
            new(
                hello.Host,
                instance,
                boot,
                stream.Address,
                hello.WallClock.ToDateTimeOffset(),
                certificate is null ? null : CertificateNames.ClaimOf(certificate)),
            stream,
            hello.WaitsForLeader?.ToModel(TimeSpan.Zero) ?? TimeSpan.Zero);
    }

    private static RpcException Malformed(string what) =>
        new(new Status(StatusCode.InvalidArgument, $"{what}: this agent does not speak our protocol"));

    private static async Task SendAsync(
        AgentStream stream, IServerStreamWriter<AttachResponse> responses, CancellationToken ct)
    {
        try
        {
            await foreach (var message in stream.Outgoing.ReadAllAsync(ct))
                await responses.WriteAsync(message, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or IOException or InvalidOperationException)
        {
            stream.End(StatusCode.Cancelled, $"the connection to {stream.Address} broke: {e.Message}");
        }
    }

    /// <summary>Why the stream ends. Whoever ends it, the engine hears that it is gone.</summary>
    private static async Task<Status> FinishAsync(Tenure tenure, AgentStream stream, Task<Status> receiving)
    {
        var status = stream.Ended.IsCompleted ? await stream.Ended
            : tenure.Term.Over.IsCompleted ? tenure.Term.EndedError().Status
            : receiving.IsCompleted ? await receiving
            : await stream.Ended;
        stream.End(status.StatusCode, status.Detail);
        try
        {
            await tenure.Loop.RunAsync(() =>
            {
                if (tenure.Agents.Detach(stream))
                    tenure.Loop.Handle(new StreamDetached(stream.Host, stream.Id));
            });
        }
        catch (RpcException)
        {
            // The leadership is over: nobody asks any more who is attached.
        }
        return status;
    }

    [LoggerMessage(1303, LogLevel.Information, "{Host} attached from {Address}, agent {Version}, stream {Stream}")]
    private static partial void LogAttached(ILogger log, string host, string address, string version, long stream);

    [LoggerMessage(1304, LogLevel.Information, "{Host} detached, stream {Stream}: {Reason}")]
    private static partial void LogDetached(ILogger log, string host, long stream, string reason);

    [LoggerMessage(1311, LogLevel.Warning, "where other agents are to reach {Host}, which connects from {Address}: {Problem}")]
    private static partial void LogPeerAddress(ILogger log, string host, string address, string problem);
}
