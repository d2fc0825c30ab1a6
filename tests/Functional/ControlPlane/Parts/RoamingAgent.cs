using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Agent.Uplink;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>An <see cref="AgentDouble"/> that heartbeats all the time and finds the leader as real agents do, by their own code.</summary>
internal sealed class RoamingAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LeaderSearch _search;
    private readonly Hello _hello;
    private readonly Task _running;
    private volatile AgentDouble? _current;
    private volatile int _streams;

    public RoamingAgent(string host, params string[] urls)
    {
        _hello = AgentDouble.HelloOf(host);
        _hello.WaitsForLeader = Duration.FromTimeSpan(TimeSpan.FromSeconds(30));
        _search = new([.. urls.Select(url => new Uri(url))], new Random(1), TimeProvider.System);
        _running = Task.Run(RunAsync);
    }

    /// <summary>How many streams stood so far.</summary>
    public int Streams => _streams;

    public TimeSpan LongestGap => _current?.LongestGap ?? TimeSpan.Zero;

    public bool Owns(string group) => _current is { } agent && agent.Owns(group);

    /// <summary>Waits until a heartbeat was answered on a stream of at least that number.</summary>
    public async Task UntilAnsweredAsync(int stream)
    {
        await Until.HoldsAsync(() => Task.FromResult(_streams >= stream), $"stream {stream} of {_hello.Host}");
        var since = _current!.LastAnswered.Seq;
        await Until.HoldsAsync(() => Task.FromResult(_current!.LastAnswered.Seq > since), $"{_hello.Host} is answered");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        if (_current is { } agent)
            await agent.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var before = _current;
            var agent = await _search.FindAsync<AgentDouble>(
                (url, _, ct) => DialAsync(url, before, ct), static late => late.DisposeAsync().AsTask(), () => TimeSpan.FromMilliseconds(300), _stop.Token);
            if (agent is null)
                return;
            if (before is not null)
                await before.DisposeAsync();
            _current = agent;
            agent.KeepBeating();
            Interlocked.Increment(ref _streams);
            await Task.WhenAny(agent.Ended, Task.Delay(Timeout.Infinite, _stop.Token));
            _search.Served();
        }
    }

    private async Task<Attempt<AgentDouble>> DialAsync(Uri url, AgentDouble? before, CancellationToken ct)
    {
        try
        {
            return new(AttemptEnd.Welcomed, await AgentDouble.AttachAgainAsync(url.GetLeftPart(UriPartial.Authority), _hello, before, ct));
        }
        catch (RpcException e)
        {
            return e.Trailers.GetValue("hagrpc-leader") is { } leader
                ? new(AttemptEnd.NotLeading, null, new Uri(leader))
                : new(AttemptEnd.OutOfReach);
        }
        catch (OperationCanceledException)
        {
            return new(AttemptEnd.OutOfReach);
        }
    }
}
