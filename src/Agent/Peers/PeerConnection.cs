using System.Security.Cryptography;
using Grpc.Core;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;
using Backoff = HaGrpc.Agent.Uplink.Backoff;

namespace HaGrpc.Agent.Peers;

/// <summary>
/// Keeps a connection to one agent at one address, so that the first ping of an outage waits for no handshake. Each connection begins by a
/// request without pings: what is wrong with addresses, certificates and firewalls is in the log before it matters.
/// </summary>
internal sealed class PeerConnection : IAsyncDisposable
{
    /// <summary>Calls that may wait for an answer; the oldest makes room.</summary>
    public const int MostOutstanding = 8;

    private static readonly TimeSpan GreetingTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenNudges = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromMilliseconds(1), LongestTtl = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<CancellationTokenSource> _outstanding = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerSelf _self;
    private readonly string _host;
    private readonly Backoff _backoff;
    private readonly Action<PeerPromise> _answered;
    private readonly Task _running;
    private PeerLine? _line;
    private Asked? _latest;
    private TaskCompletionSource _nudge = NewNudge();
    private long? _nudgedAt;
    private string _said = "";

    /// <summary>Begins to connect.</summary>
    /// <param name="self">What all connections of this agent share.</param>
    /// <param name="host">The host that is to answer.</param>
    /// <param name="address">HOST:PORT.</param>
    /// <param name="random">For the pauses.</param>
    /// <param name="answered">Takes answers, on any thread.</param>
    public PeerConnection(PeerSelf self, string host, string address, Random random, Action<PeerPromise> answered)
    {
        (_self, _host, Address, _backoff, _answered) = (self, host, address, new(random), answered);
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>HOST:PORT.</summary>
    public string Address { get; }

    /// <summary>Sends pings without waiting, also over a new connection when they are the second that the present one leaves without an
    /// answer: after a cut it may be healthy for everybody but TCP, which repeats what was lost ever more rarely (RFC 6298, 5.5), and a lease
    /// does not wait for that. Never blocks and never throws.</summary>
    public void Ask(IReadOnlyList<PeerPing> pings)
    {
        var asked = new Asked(pings, _self.Time.GetTimestamp());
        Volatile.Write(ref _latest, asked);
        if (Volatile.Read(ref _line) is not { } line)
        {
            Nudge();
            return;
        }
        var isDoubtful = line.Waited > Patience(pings);
        Send(line, asked);
        if (isDoubtful)
            line.Doubt();
    }

    /// <summary>Ends the pause before the next attempt, or does without the next one, because the host was heard or is needed: for as long as
    /// a pause may last nobody would vouch for whoever loses the control plane. Never blocks.</summary>
    public void Nudge() => Volatile.Read(ref _nudge).TrySetResult();

    /// <summary>Ends it; nobody is called any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        lock (_lock)
        {
            foreach (var call in _outstanding)
                _ = call.CancelAsync();
        }
        _stop.Dispose();
    }

    private void Send(PeerLine line, Asked asked)
    {
        var left = Bounded(asked.Pings.Max(p => p.Ttl)) - _self.Time.GetElapsedTime(asked.At);
        if (left <= TimeSpan.Zero || !line.Begin())
            return;
        var call = new CancellationTokenSource(left, _self.Time);
        lock (_lock)
        {
            if (_outstanding.Count == MostOutstanding)
                _ = _outstanding.Dequeue().CancelAsync();
            _outstanding.Enqueue(call);
        }
        _ = Task.Run(() => CallAsync(line, asked.Pings, call));
    }

    private async Task CallAsync(PeerLine line, IReadOnlyList<PeerPing> pings, CancellationTokenSource call)
    {
        var isAnswered = false;
        try
        {
            var request = Request(pings[0].Instance);
            request.Pings.AddRange(pings.Select(p => p.ToProto()));
            var response = await line.Client.PromiseAsync(request, cancellationToken: call.Token);
            isAnswered = true;
            if (!IsFromPeer(response))
                return;
            foreach (var answer in response.Answers)
            {
                if (pings.FirstOrDefault(p => p.Group == answer.Group && p.Epoch == answer.Epoch && p.Seq == answer.Seq) is { } asked)
                    _answered(answer.ToModel(asked));
            }
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded)
        {
            // Too late for anybody: the owner's core counts what has come.
        }
        catch (RpcException e)
        {
            Report(Reason(e));
        }
        catch (ObjectDisposedException)
        {
            // The line was replaced meanwhile.
        }
        finally
        {
            line.End(isAnswered);
            Forget(call);
        }
    }

    private void Forget(CancellationTokenSource call)
    {
        lock (_lock)
        {
            // One that has made room is being cancelled at this moment, and is left to the collector.
            if (!_outstanding.Contains(call))
                return;
            var others = _outstanding.Where(c => c != call).ToArray();
            _outstanding.Clear();
            foreach (var other in others)
                _outstanding.Enqueue(other);
        }
        call.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        PeerLine? line = null;
        while (!stop.IsCancellationRequested)
        {
            var isNew = line is null;
            line ??= Open();
            Volatile.Write(ref _line, line);
            var kept = false;
            if (line is not null)
            {
                if (isNew && Volatile.Read(ref _latest) is { } asked)
                    Send(line, asked);
                var began = _self.Time.GetTimestamp();
                var greeting = await GreetAsync(line, stop);
                if (greeting == Greeting.Answered)
                    await ((Task)Task.WhenAny(line.Lost, line.Doubted)).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // One that answers and hangs up at once is dialled no faster than one that does not answer.
                if (greeting == Greeting.Answered && _self.Time.GetElapsedTime(began) > Steady)
                    _backoff.Reset();
                kept = greeting == Greeting.Silent;
            }
            if (line is not { Doubted.IsCompleted: true })
                await PauseAsync(stop);
            // A ping may have connected it meanwhile.
            if (kept && line is { IsUp: true, Doubted.IsCompleted: false } && !stop.IsCancellationRequested)
                continue;
            Volatile.Write(ref _line, null);
            // What it may still answer is waited for when it is only doubted.
            if (line is { Doubted.IsCompleted: true } && !stop.IsCancellationRequested)
                line.Retire();
            else
                line?.Dispose();
            line = null;
        }
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        var nudged = _nudge.Task;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(_backoff.Next(LongestPause), _self.Time, over.Token), nudged);
        await over.CancelAsync();
        if (!nudged.IsCompleted || stop.IsCancellationRequested)
            return;
        Volatile.Write(ref _nudge, NewNudge());
        // Two that nudge each other through something that hangs up at once would dial as fast as they can.
        if (_nudgedAt is { } last && BetweenNudges - _self.Time.GetElapsedTime(last) is { Ticks: > 0 } rest)
            await Task.Delay(rest, _self.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _nudgedAt = _self.Time.GetTimestamp();
    }

    private static TaskCompletionSource NewNudge() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PeerLine? Open()
    {
        try
        {
            return new(_host, Address, _self.Certificates, _self.Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or UriFormatException)
        {
            Report(e.Message);
            return null;
        }
    }

    private async Task<Greeting> GreetAsync(PeerLine line, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var alarm = new CancellationTokenSource(GreetingTimeout, _self.Time);
        await using var wired = alarm.Token.Register(limit.Cancel);
        var call = line.Client.PromiseAsync(Request(_self.Instance), cancellationToken: limit.Token);
        try
        {
            await Task.WhenAny(call.ResponseAsync, line.Doubted);
            if (line.Doubted.IsCompleted)
                await limit.CancelAsync();
            var response = await call;
            if (!IsFromPeer(response))
                return Greeting.Refused;
            line.Alive();
            _said = "";
            PeersLog.Reached(_self.Logger, _host, Address);
            return Greeting.Answered;
        }
        catch (RpcException e)
        {
            if (stop.IsCancellationRequested || line.Doubted.IsCompleted)
                return Greeting.Silent;
            var isSilent = e.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded;
            Report(isSilent ? $"no answer within {GreetingTimeout.TotalSeconds} s" : Reason(e));
            return isSilent || e.StatusCode == StatusCode.Unavailable ? Greeting.Silent : Greeting.Refused;
        }
    }

    private PromiseRequest Request(Guid instance) => new() { Host = _self.Host, InstanceId = instance.ToString(), To = _host };

    private bool IsFromPeer(PromiseResponse response)
    {
        if (response.Host == _host)
            return true;
        if (_self.Limit.Passes($"{Address} {response.Host} for {_host}"))
            PeersLog.AnswerDropped(_self.Logger, Address, _host, $"host '{response.Host}' has answered");
        return false;
    }

    // Once for each reason, not with every attempt.
    private void Report(string reason)
    {
        if (Interlocked.Exchange(ref _said, reason) != reason && !_stop.IsCancellationRequested)
            PeersLog.OutOfReach(_self.Logger, _host, Address, reason);
    }

    /// <summary>The innermost cause, for example "Connection refused"; gRPC's own words name only its layers.</summary>
    private static string Reason(RpcException e)
    {
        Exception? cause = e.Status.DebugException;
        while (cause?.InnerException is { } inner)
            cause = inner;
        return cause is null ? $"{e.StatusCode}: {e.Status.Detail}" : cause.Message;
    }

    // Less than a heartbeat of every profile, so that the second ping of an outage is the one that tells.
    private static TimeSpan Patience(IReadOnlyList<PeerPing> pings)
    {
        var share = Bounded(pings.Min(p => p.Ttl)) / 6;
        return share < LongestPatience ? share : LongestPatience;
    }

    private static TimeSpan Bounded(TimeSpan ttl) => ttl > LongestTtl ? LongestTtl : ttl < ShortestTtl ? ShortestTtl : ttl;

    /// <summary>Pings that are wanted.</summary>
    /// <param name="Pings">Them.</param>
    /// <param name="At">When they were; a timestamp of <see cref="PeerSelf.Time"/>.</param>
    private sealed record Asked(IReadOnlyList<PeerPing> Pings, long At);

    private enum Greeting
    {
        Silent,
        Refused,
        Answered,
    }
}

/// <summary>What all connections of an agent share.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Instance">Its instance (rule L2).</param>
/// <param name="Certificates">Its certificates.</param>
/// <param name="Limit">For what may come with each ping.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record PeerSelf(string Host, Guid Instance, PeerCertificates Certificates, RateLimit Limit, TimeProvider Time, ILogger Logger);
