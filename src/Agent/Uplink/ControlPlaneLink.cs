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

/// <summary>Keeps one stream to the control plane, whichever endpoint takes it.</summary>
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
    private readonly Backoff _backoff = new(random);
    private readonly Dictionary<Uri, string> _said = [];
    private readonly Lock _currentLock = new();
    private CancellationTokenSource? _current;
    private long _streamId;

    /// <summary>Dials until cancelled, or until the outbox is closed and sent.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var endpoint in options.ControlPlane.Where(uri => uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback))
            UplinkLog.Plaintext(logger, endpoint);
        while (!stop.IsCancellationRequested)
        {
            var refused = false;
            foreach (var endpoint in options.ControlPlane)
            {
                if (stop.IsCancellationRequested)
                    return;
                refused |= await AttachAsync(endpoint, stop);
                if (outbox.Closed)
                    return;
            }
            var longest = loop.Pace.LongestPause;
            var pause = _backoff.Next(longest);
            // A refusal is for an operator to mend: asking again at once changes nothing.
            if (refused && pause < longest / 2)
                pause = longest / 2;
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Drops the current stream, which may be half open, and dials again. Never blocks.</summary>
    public void Redial()
    {
        lock (_currentLock)
            _ = _current?.CancelAsync();
    }

    /// <returns>True when the control plane refused us.</returns>
    private async Task<bool> AttachAsync(Uri endpoint, CancellationToken stop)
    {
        var patience = loop.Pace.Patience(_backoff.Failures);
        using var drop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        drop.CancelAfter(patience);
        SetCurrent(drop);
        ControlPlaneStream? stream = null;
        try
        {
            using var channel = endpoints.Open(endpoint, patience);
            using var call = new AgentService.AgentServiceClient(channel).Attach(cancellationToken: drop.Token);
            var welcome = await GreetAsync(call, drop.Token);
            drop.CancelAfter(Timeout.InfiniteTimeSpan);
            UplinkLog.Connected(logger, welcome.ControlPlaneId, endpoint, welcome.Term, welcome.StreamId);
            _said.Remove(endpoint);
            stream = new ControlPlaneStream(call, ++_streamId, outbox, asks, logs, peers, endpoint, loop);
            await stream.RunAsync(drop);
            return false;
        }
        catch (RpcException e)
        {
            return !stop.IsCancellationRequested && Report(endpoint, e, stream is not null, patience);
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested)
                ReportOutOfReach(endpoint, $"no answer within {patience.TotalMilliseconds:F0} ms", stream is not null);
            return false;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or CryptographicException)
        {
            if (Changed(endpoint, e.Message))
                UplinkLog.ProtocolBroken(logger, endpoint, e.Message);
            return true;
        }
        finally
        {
            SetCurrent(null);
            if (stream is { Answered: true })
                _backoff.Reset();
        }
    }

    private void SetCurrent(CancellationTokenSource? current)
    {
        lock (_currentLock)
            _current = current;
    }

    private async Task<Welcome> GreetAsync(
        AsyncDuplexStreamingCall<AttachRequest, AttachResponse> call, CancellationToken cancellation)
    {
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
            PeerAddress = options.Peers.Advertised,
        };
        try
        {
            await call.RequestStream.WriteAsync(new AttachRequest { Hello = hello }, cancellation);
        }
        catch (Exception e) when (e is InvalidOperationException or RpcException { StatusCode: StatusCode.OK })
        {
            // The call ended before the Hello was written: reading tells why.
        }
        if (!await call.ResponseStream.MoveNext(cancellation))
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
}
