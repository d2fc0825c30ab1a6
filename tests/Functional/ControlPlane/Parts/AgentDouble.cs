using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Agent.Uplink;
using HaGrpc.Contracts;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>
/// The agent's side of the stream without a host behind it: it heartbeats, accepts promotions, and says of programs what a
/// test wants said. For what the control plane makes of an agent's words; real agents have tests of their own.
/// </summary>
internal sealed class AgentDouble : IAsyncDisposable
{
    private bool _isGivenUp;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<AttachRequest, AttachResponse> _call;
    private readonly Hello _hello;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _answers = new();
    private readonly ConcurrentDictionary<string, TimeSpan> _lengths = new();
    private readonly bool _tellsLease;
    private readonly ConcurrentDictionary<long, long> _sentAt = new();
    private readonly ConcurrentDictionary<string, long> _accepted = new(), _held = new(), _ended = new(), _views = new(), _sealed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<AttachResponse> _logQuestions = Channel.CreateUnbounded<AttachResponse>();
    private Task<Status> _reading = Task.FromResult(Status.DefaultSuccess);
    private Task _beating = Task.CompletedTask;
    private readonly Lock _holding = new();
    private long _seq, _answered;

    private AgentDouble(GrpcChannel channel, Hello hello, bool tellsLease = false)
    {
        (_channel, _hello, _tellsLease) = (channel, hello, tellsLease);
        _call = new AgentService.AgentServiceClient(channel).Attach();
    }

    /// <summary>How the control plane ended the stream.</summary>
    public Task<Status> Ended => _reading;

    /// <inheritdoc cref="Ended"/>
    public Task<Status> EndAsync() => _reading.WaitAsync(Until.Bound);

    /// <summary>Is told each configuration, and again when a group was taken.</summary>
    public Func<AgentDouble, HostConfiguration, Task>? OnConfiguration { get; init; }

    /// <summary>Answers what is to be rehearsed; null for never.</summary>
    public Func<RehearsalAsked, Rehearsed>? OnRehearsal { get; set; }

    /// <summary>Says how many clients a group has; null for no answer.</summary>
    public Func<string, GroupClients>? OnClients { get; set; }

    /// <summary>Answers what it sees of a group; null for never.</summary>
    public Func<ObservationAsked, Observed>? OnObservation { get; set; }

    /// <summary>Groups that it says it cannot run, and why.</summary>
    public ConcurrentDictionary<string, string> Unfit { get; } = new();

    /// <summary>What its checks add to its priority, by group.</summary>
    public ConcurrentDictionary<string, int> Weights { get; } = new();

    /// <summary>What it says it cannot do for groups that it owns.</summary>
    public ConcurrentDictionary<string, string> Troubles { get; } = new();

    /// <summary>Ends its epoch at once when it is asked to.</summary>
    public bool ReleasesWhenAsked { get; set; }

    public HostConfiguration Configuration { get; private set; } = new();

    public bool Owns(string group) => _held.ContainsKey(group);

    /// <summary>The highest sequence number that was answered, and when that heartbeat was sent.</summary>
    public (long Seq, long SentAt) LastAnswered { get; private set; }

    /// <summary>The longest time from one answered heartbeat's sending to the next answer, over all streams of this agent: a
    /// lease of that length would have lapsed (rule L3).</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>What an agent of that host says first.</summary>
    public static Hello HelloOf(string host) => new()
    {
        Host = host,
        InstanceId = Guid.NewGuid().ToString(),
        BootId = Guid.NewGuid().ToString(),
        AgentVersion = "0.1.0",
        WallClock = TimeProvider.System.GetUtcNow().ToTimestamp(),
    };

    /// <summary>Attaches.</summary>
    /// <exception cref="RpcException">It was refused.</exception>
    public static Task<AgentDouble> AttachAsync(string url, string host) => AttachAsync(url, HelloOf(host), null);

    /// <summary>Attaches as one that tells how long its leases last, and is replaced when it is lost.</summary>
    public static Task<AgentDouble> AttachMortalAsync(string url, string host) =>
        AttachAgainAsync(url, HelloOf(host), before: null, CancellationToken.None);

    /// <inheritdoc cref="AttachAsync(string, string)"/>
    public static Task<AgentDouble> AttachAsync(
        string url, Hello hello, Func<AgentDouble, HostConfiguration, Task>? onConfiguration) =>
        AttachAsync(new AgentDouble(GrpcChannel.ForAddress(url), hello) { OnConfiguration = onConfiguration }, CancellationToken.None);

    /// <summary>Attaches again, as the same instance of the agent that still holds what it held.</summary>
    public static Task<AgentDouble> AttachAgainAsync(string url, Hello hello, AgentDouble? before, CancellationToken ct)
    {
        var agent = new AgentDouble(GrpcChannel.ForAddress(url), hello, tellsLease: true);
        if (before is not null)
        {
            foreach (var (group, length) in before._lengths)
                agent._lengths[group] = length;
            foreach (var (from, to) in new[]
                { (before._accepted, agent._accepted), (before._held, agent._held), (before._ended, agent._ended), (before._views, agent._views) })
            {
                foreach (var (group, value) in from)
                    to[group] = value;
            }
            (agent._seq, agent.LastAnswered, agent.LongestGap) = (before._seq, before.LastAnswered, before.LongestGap);
        }
        return AttachAsync(agent, ct);
    }

    private static async Task<AgentDouble> AttachAsync(AgentDouble agent, CancellationToken ct)
    {
        try
        {
            await FirstMessage.WriteAsync(agent._call.RequestStream, new() { Hello = agent._hello }, ct);
            if (!await agent._call.ResponseStream.MoveNext(ct))
                throw new RpcException(agent._call.GetStatus());
            agent._call.ResponseStream.Current.Welcome.ShouldNotBeNull();
            agent._reading = Task.Run(agent.ReadAsync);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a heartbeat and waits for its answer.</summary>
    public async Task BeatAsync()
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync();
        try
        {
            // Numbers go out in their order: the control plane takes no older heartbeat after a newer one.
            var beat = new Heartbeat { InstanceId = _hello.InstanceId, Seq = ++_seq, AnswerSeq = Volatile.Read(ref _answered) };
            foreach (var (group, epoch) in _accepted)
                beat.Accepted.Add(new AcceptedEpoch { Group = group, Epoch = epoch });
            foreach (var (group, epoch) in _held)
                beat.Holdings.Add(new Holding { Group = group, Epoch = epoch, ViewVersion = _views.GetValueOrDefault(group, 1), LeaseLeft = LeaseLeft(group) });
            foreach (var (group, epoch) in _ended)
                beat.Ended.Add(new EndedEpoch { Group = group, Epoch = epoch });
            beat.Unfit.Add(Unfit.Select(u => new UnfitGroup { Group = u.Key, Reason = u.Value }));
            beat.Troubles.Add(Troubles.Select(t => new GroupTrouble { Group = t.Key, Text = t.Value }));
            foreach (var (group, weight) in Weights)
                beat.Weights.Add(new GroupWeight { Group = group, Weight = weight });
            // It has never promised anything.
            foreach (var (group, epoch) in _sealed)
                beat.Seals.Add(new Seal { Group = group, UpToEpoch = epoch, PromiseLeft = Duration.FromTimeSpan(TimeSpan.FromDays(-1)) });
            _sentAt[_seq] = BootClock.Nanoseconds;
            _answers[_seq] = answer;
            await _call.RequestStream.WriteAsync(new() { Heartbeat = beat });
        }
        finally
        {
            _writing.Release();
        }
        await Task.WhenAny(answer.Task, _reading).WaitAsync(Until.Bound);
        if (_reading.IsCompleted)
            throw new RpcException(await _reading);
    }

    // Rule L1. One that tells none is feared for ever, which is what most tests want of an owner.
    private Duration? LeaseLeft(string group) => _tellsLease && _lengths.TryGetValue(group, out var length)
        ? TimeSpan.FromTicks(Math.Max(0, length.Ticks - ((BootClock.Nanoseconds - LastAnswered.SentAt) / 100))).ToProto()
        : null;

    /// <summary>Heartbeats by itself from now on, until the stream ends.</summary>
    public void KeepBeating() => _beating = Task.Run(async () =>
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await BeatAsync();
                await Task.Delay(50, _stop.Token);
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // The stream is over; Ended says how.
        }
    });

    /// <summary>Heartbeats until it owns the group.</summary>
    public async Task OwnAsync(string group)
    {
        KeepBeating();
        await Until.HoldsAsync(() => Task.FromResult(Owns(group) || _reading.IsCompleted), $"{_hello.Host} owns {group}");
        if (!Owns(group))
            throw new RpcException(await _reading);
    }

    /// <summary>The next question about logs.</summary>
    public async Task<AttachResponse> LogQuestionAsync() => await _logQuestions.Reader.ReadAsync().AsTask().WaitAsync(Until.Bound);

    /// <summary>Begins to answer one, on a connection of its own, as this agent or another.</summary>
    public async Task<LogSending> SendLogsAsync(LogWanted wanted, LogsOpened opened)
    {
        var sending = new LogSending(GrpcChannel.ForAddress(_channel.Target.Insert(0, "http://")));
        opened.Id = wanted.Id;
        opened.Host = opened.Host.Length > 0 ? opened.Host : _hello.Host;
        opened.InstanceId = opened.InstanceId.Length > 0 ? opened.InstanceId : _hello.InstanceId;
        await sending.Call.RequestStream.WriteAsync(new() { Opened = opened });
        return sending;
    }

    /// <summary>Ends its epoch, as after a stop, and says so.</summary>
    public async Task ReleaseAsync(string group)
    {
        long epoch;
        lock (_holding)
        {
            _held.TryRemove(group, out epoch).ShouldBeTrue();
            _ended[group] = epoch;
        }
        await SendAsync(new() { Released = new() { InstanceId = _hello.InstanceId, Group = group, Epoch = epoch } });
    }

    public async Task SendAsync(AttachRequest message)
    {
        await _writing.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Dies: a test may kill it, and give it up once more at its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isGivenUp)
            return;
        _isGivenUp = true;
        await _stop.CancelAsync();
        _call.Dispose();
        await _beating;
        await _reading;
        _channel.Dispose();
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task<Status> ReadAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                try
                {
                    await HandleAsync(_call.ResponseStream.Current);
                }
                catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
                {
                    // The call has ended before its answer: reading tells how.
                }
            }
            return _call.GetStatus();
        }
        catch (RpcException e)
        {
            return e.Status;
        }
        catch (InvalidOperationException) when (_stop.IsCancellationRequested)
        {
            // It was being read when the call was given up.
            return Status.DefaultCancelled;
        }
        finally
        {
            foreach (var waiting in _answers.Values)
                waiting.TrySetResult();
        }
    }

    private async Task HandleAsync(AttachResponse message)
    {
        switch (message.MessageCase)
        {
            case AttachResponse.MessageOneofCase.Promote:
                _accepted[message.Promote.Group] = message.Promote.Epoch;
                break;
            case AttachResponse.MessageOneofCase.SealAsked:
                _sealed[message.SealAsked.Group] = message.SealAsked.Epoch;
                break;
            case AttachResponse.MessageOneofCase.RehearsalAsked:
                if (OnRehearsal is not null)
                    await SendAsync(new() { Rehearsed = OnRehearsal(message.RehearsalAsked) });
                break;
            case AttachResponse.MessageOneofCase.ClientsAsked:
                if (OnClients is not null)
                    await SendAsync(new() { ClientsCounted = new() { Id = message.ClientsAsked.Id, Groups = { message.ClientsAsked.Groups.Select(OnClients) } } });
                break;
            case AttachResponse.MessageOneofCase.ObservationAsked:
                if (OnObservation is not null)
                    await SendAsync(new() { Observed = OnObservation(message.ObservationAsked) });
                break;
            case AttachResponse.MessageOneofCase.LogWanted:
            case AttachResponse.MessageOneofCase.LogEnough:
                await _logQuestions.Writer.WriteAsync(message);
                break;
            case AttachResponse.MessageOneofCase.Configuration:
                Configuration = message.Configuration;
                if (OnConfiguration is not null)
                    await OnConfiguration(this, Configuration);
                break;
            case AttachResponse.MessageOneofCase.HeartbeatAnswer:
                foreach (var renewal in message.HeartbeatAnswer.Renewals)
                {
                    // A renewal may cross a release that a test has begun.
                    lock (_holding)
                    {
                        if (_ended.GetValueOrDefault(renewal.Group) >= renewal.Epoch)
                            continue;
                        _held[renewal.Group] = renewal.Epoch;
                    }
                    _views[renewal.Group] = renewal.View.Version;
                    if (renewal.View.Length is { } length)
                        _lengths[renewal.Group] = length.ToModel(TimeSpan.Zero);
                    if (_accepted.TryRemove(renewal.Group, out _) && OnConfiguration is not null)
                        await OnConfiguration(this, Configuration);
                }
                foreach (var asked in message.HeartbeatAnswer.ReleaseRequests.Where(r => ReleasesWhenAsked && Owns(r.Group)))
                    await ReleaseAsync(asked.Group);
                Volatile.Write(ref _answered, message.HeartbeatAnswer.Seq);
                if (_sentAt.TryRemove(message.HeartbeatAnswer.Seq, out var sent))
                {
                    if (LastAnswered.Seq > 0)
                        LongestGap = TimeSpan.FromTicks(Math.Max(LongestGap.Ticks, (BootClock.Nanoseconds - LastAnswered.SentAt) / 100));
                    LastAnswered = (message.HeartbeatAnswer.Seq, sent);
                }
                if (_answers.TryRemove(message.HeartbeatAnswer.Seq, out var waiting))
                    waiting.SetResult();
                break;
        }
    }
}
