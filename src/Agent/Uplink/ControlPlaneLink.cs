using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Logs;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Peers;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Uplink;

/// <summary>Who we are, as every stream begins with it.</summary>
/// <param name="Instance">Random, new with every start (rule L2).</param>
/// <param name="BootId">The running boot.</param>
/// <param name="Version">The agent's version.</param>
internal sealed record AgentIdentity(Guid Instance, Guid BootId, string Version);

/// <summary>Keeps one stream to the control plane that leads, whichever endpoint it is at.</summary>
internal sealed class ControlPlaneLink(
    AgentOptions options,
    AgentIdentity identity,
    Outbox outbox,
    DesiredStateAsks asks,
    LogReaders logs,
    PeerLink peers,
    Endpoints endpoints,
    OwnershipLoop loop,
    TimeProvider time,
    Random random,
    ILogger<ControlPlaneLink> logger)
{
    // As AdminService describes them.
    private const string LeaderKey = "hagrpc-leader", HoldsKey = "hagrpc-holds";

    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);

    private readonly LeaderSearch _search = new(options.ControlPlane, random, time);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Uri, string> _said = new();
    private readonly Lock _currentLock = new();
    private CancellationTokenSource? _current;
    private long _streamId;

    /// <summary>Called when the control plane wants a takeover rehearsed. Must not wait.</summary>
    public Action<RehearsalAsked> Rehearse { get; init; } = _ => { };

    /// <summary>See <see cref="ControlPlaneStream.Look"/>.</summary>
    public Action<ObservationAsked> Look { get; init; } = _ => { };

    /// <summary>Called with what the owner of a group has in its directories. Must not wait.</summary>
    public Action<OwnersDirectories> Compare { get; init; } = _ => { };

    /// <summary>Called when the control plane wants to know how many clients groups have. Must not wait.</summary>
    public Action<ClientsAsked> CountClients { get; init; } = _ => { };

    /// <summary>Dials until cancelled, or until the outbox is closed and sent.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var endpoint in options.ControlPlane.Where(uri => uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback))
            UplinkLog.Plaintext(logger, endpoint);
        while (!stop.IsCancellationRequested && !outbox.Closed)
        {
            var open = await _search.FindAsync<OpenStream>(
                DialAsync, static stream => stream.DisposeAsync().AsTask(), () => loop.Pace.LongestPause, stop);
            if (open is null)
                return;
            await using (open)
                await ServeAsync(open, stop);
        }
    }

    /// <summary>Drops the current stream, which may be half open, and dials again. Never blocks.</summary>
    public void Redial()
    {
        lock (_currentLock)
            _ = _current?.CancelAsync();
    }

    private async Task<Attempt<OpenStream>> DialAsync(Uri endpoint, int failures, CancellationToken stop)
    {
        var patience = loop.Pace.Patience(failures);
        var open = new OpenStream(endpoint);
        var kept = false;
        var searching = stop.Register(() => _ = open.Drop.CancelAsync());
        try
        {
            open.Drop.CancelAfter(patience);
            open.Channel = endpoints.Open(endpoint, patience);
            open.Call = new AgentService.AgentServiceClient(open.Channel).Attach(cancellationToken: open.Drop.Token);
            open.Welcome = await GreetAsync(open, patience);
            open.Drop.CancelAfter(Timeout.InfiniteTimeSpan);
            kept = true;
            return new(AttemptEnd.Welcomed, open);
        }
        catch (RpcException e)
        {
            if (stop.IsCancellationRequested)
                return new(AttemptEnd.OutOfReach);
            if (e.Trailers.GetValue(LeaderKey) is { } leader && e.StatusCode == StatusCode.Unavailable)
                return new(AttemptEnd.NotLeading, null, Known(endpoint, leader));
            if (Report(endpoint, e, wasOpen: false, patience))
                return new(AttemptEnd.Refused);
            return new(open.IsHeld ? AttemptEnd.NotLeading : AttemptEnd.OutOfReach);
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested && !open.IsHeld)
                ReportOutOfReach(endpoint, $"no answer within {patience.TotalMilliseconds:F0} ms", wasOpen: false);
            return new(open.IsHeld ? AttemptEnd.NotLeading : AttemptEnd.OutOfReach);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or CryptographicException)
        {
            if (Changed(endpoint, e.Message))
                UplinkLog.ProtocolBroken(logger, endpoint, e.Message);
            return new(AttemptEnd.Refused);
        }
        finally
        {
            // First: a stream that was found outlives the search, and one that was not must not be ended after its disposal.
            await searching.DisposeAsync();
            if (!kept)
                await open.DisposeAsync();
        }
    }

    private async Task ServeAsync(OpenStream open, CancellationToken stop)
    {
        using var stopped = stop.Register(() => _ = open.Drop.CancelAsync());
        SetCurrent(open.Drop);
        var stream = new ControlPlaneStream(open.Call!, ++_streamId, outbox, asks, logs, peers, open.Endpoint, loop)
        {
            Rehearse = Rehearse,
            Compare = Compare,
            CountClients = CountClients,
            Look = Look,
        };
        try
        {
            UplinkLog.Connected(logger, open.Welcome!.ControlPlaneId, open.Endpoint, open.Welcome.Term, open.Welcome.StreamId);
            _said.Clear();
            await stream.RunAsync(open.Drop);
        }
        catch (RpcException e)
        {
            if (!stop.IsCancellationRequested)
                Report(open.Endpoint, e, wasOpen: true, TimeSpan.Zero);
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested)
                ReportOutOfReach(open.Endpoint, "heartbeats were not answered in time", wasOpen: true);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            if (Changed(open.Endpoint, e.Message))
                UplinkLog.ProtocolBroken(logger, open.Endpoint, e.Message);
        }
        finally
        {
            SetCurrent(null);
            if (stream.Answered)
                _search.Served();
        }
    }

    /// <summary>The endpoint of ours at which the leader is said to be. One that the operator has not named is not dialled: what
    /// came over the wire may tell where to look first, but not whom to trust.</summary>
    private Uri? Known(Uri endpoint, string leader)
    {
        if (!Uri.TryCreate(leader, UriKind.Absolute, out var said))
            return null;
        if (options.ControlPlane.Contains(said))
            return said;
        // The same one may have another name here, and is found under it; it is for when it is not.
        if (Changed(endpoint, leader))
            UplinkLog.LeadsElsewhere(logger, endpoint, leader);
        return null;
    }

    private void SetCurrent(CancellationTokenSource? current)
    {
        lock (_currentLock)
            _current = current;
    }

    private async Task<Welcome> GreetAsync(OpenStream open, TimeSpan patience)
    {
        var (call, cancellation) = (open.Call!, open.Drop.Token);
        var hello = new Hello
        {
            Host = options.Host,
            InstanceId = identity.Instance.ToString(),
            BootId = identity.BootId.ToString(),
            AgentVersion = identity.Version,
            WallClock = time.GetUtcNow().ToTimestamp(),
            ConfigurationRevision = loop.ConfigurationRevision,
            SendsLogs = true,
            KnowsAccounts = true,
            Rehearses = true,
            ComparesDirectories = true,
            CountsClients = true,
            Observes = true,
            PeerAddress = options.Peers.Advertised,
            WaitsForLeader = Duration.FromTimeSpan(HoldTime),
        };
        await FirstMessage.WriteAsync(call.RequestStream, new AttachRequest { Hello = hello }, cancellation);
        var welcome = call.ResponseStream.MoveNext(cancellation);
        var headers = call.ResponseHeadersAsync;
        await Task.WhenAny(welcome, headers);
        if (headers.IsCompletedSuccessfully && (await headers).GetValue(HoldsKey) is not null)
        {
            open.IsHeld = true;
            open.Drop.CancelAfter(HoldTime + patience);
        }
        if (!await welcome)
            throw new RpcException(call.GetStatus());
        return call.ResponseStream.Current.Welcome
            ?? throw new InvalidDataException($"it answered Hello by {call.ResponseStream.Current.MessageCase} instead of Welcome");
    }

    private bool Report(Uri endpoint, RpcException e, bool wasOpen, TimeSpan patience)
    {
        switch (e.StatusCode)
        {
            case StatusCode.Cancelled when wasOpen:
                ReportOutOfReach(endpoint, "heartbeats were not answered in time", wasOpen);
                return false;
            case StatusCode.Cancelled or StatusCode.DeadlineExceeded:
                ReportOutOfReach(endpoint, $"no answer within {patience.TotalMilliseconds:F0} ms", wasOpen);
                return false;
            case StatusCode.OK or StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Aborted:
                ReportOutOfReach(endpoint, Reason(e), wasOpen);
                return false;
            default:
                if (Changed(endpoint, e.Status.Detail))
                    UplinkLog.Refused(logger, endpoint, e.StatusCode.ToString(), e.Status.Detail);
                return true;
        }
    }

    private void ReportOutOfReach(Uri endpoint, string reason, bool wasOpen)
    {
        if (outbox.Closed)
            return;
        if (wasOpen)
            UplinkLog.StreamEnded(logger, endpoint, reason);
        else if (Changed(endpoint, reason))
            UplinkLog.OutOfReach(logger, endpoint, reason);
    }

    /// <summary>The innermost cause, for example "Connection refused"; gRPC's own words name only its layers.</summary>
    private static string Reason(RpcException e)
    {
        Exception? cause = e.Status.DebugException;
        while (cause?.InnerException is { } inner)
            cause = inner;
        if (e.StatusCode == StatusCode.OK)
            return "the control plane closed it";
        return cause is null ? e.Status.Detail : cause.Message;
    }

    private bool Changed(Uri endpoint, string text)
    {
        if (_said.TryGetValue(endpoint, out var said) && said == text)
            return false;
        _said[endpoint] = text;
        return true;
    }

    /// <summary>A call that was begun, and what it needs.</summary>
    private sealed class OpenStream(Uri endpoint) : IAsyncDisposable
    {
        public Uri Endpoint { get; } = endpoint;

        public CancellationTokenSource Drop { get; } = new();

        public Grpc.Net.Client.GrpcChannel? Channel { get; set; }

        public AsyncDuplexStreamingCall<AttachRequest, AttachResponse>? Call { get; set; }

        public Welcome? Welcome { get; set; }

        /// <summary>True when a control plane that does not lead keeps it until somebody does.</summary>
        public bool IsHeld { get; set; }

        public ValueTask DisposeAsync()
        {
            Call?.Dispose();
            Channel?.Dispose();
            Drop.Dispose();
            return default;
        }
    }
}
