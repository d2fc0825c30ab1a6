using System.Collections.Immutable;

namespace HaGrpc.Agent.Uplink;

/// <summary>How an attempt at one endpoint ended.</summary>
internal enum AttemptEnd
{
    /// <summary>A stream stands.</summary>
    Welcomed,

    /// <summary>Nobody answered there, or what answered failed.</summary>
    OutOfReach,

    /// <summary>A control plane that does not lead; it has held the call for as long as it would.</summary>
    NotLeading,

    /// <summary>A control plane refuses this agent: for an operator to mend, asking again at once changes nothing.</summary>
    Refused,
}

/// <summary>What became of an attempt at one endpoint.</summary>
/// <typeparam name="T">The stream.</typeparam>
/// <param name="End">How it ended.</param>
/// <param name="Stream">What was found; only with <see cref="AttemptEnd.Welcomed"/>.</param>
/// <param name="Leader">Where it says the leader is; null when it does not say.</param>
internal readonly record struct Attempt<T>(AttemptEnd End, T? Stream = null, Uri? Leader = null)
    where T : class;

/// <summary>
/// Finds the one endpoint that takes us: that of the leader. Every endpoint is asked again and again by itself, so that one that
/// swallows packets delays no other. The one that led last has a short head start, because after a short break it is the
/// right one and the others need not be bothered; it ends when that one fails.
/// </summary>
/// <param name="endpoints">Where control planes may be; the operator's word, in his order.</param>
/// <param name="random">For the pauses.</param>
/// <param name="time">For the pauses.</param>
internal sealed class LeaderSearch(ImmutableArray<Uri> endpoints, Random random, TimeProvider time)
{
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(100);

    // A follower has held the call for long, so this alone is no load; the next leader is not to be missed for it.
    private static readonly TimeSpan AfterFollower = TimeSpan.FromMilliseconds(50);

    private readonly ImmutableArray<Backoff> _backoffs = [.. endpoints.Select(_ => new Backoff(random))];
    private int _last;

    /// <summary>Searches until a stream stands.</summary>
    /// <typeparam name="T">The stream.</typeparam>
    /// <param name="dial">One attempt: at which endpoint, how many failed there before, and what ends it. It throws nothing.</param>
    /// <param name="drop">Gets a stream that came second.</param>
    /// <param name="longestPause">The longest pause between two attempts at an endpoint that does not answer.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The stream; null when the search was ended.</returns>
    public async Task<T?> FindAsync<T>(
        Func<Uri, int, CancellationToken, Task<Attempt<T>>> dial, Func<T, Task> drop, Func<TimeSpan> longestPause, CancellationToken stop)
        where T : class
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Written by whoever is told of the leader, taken by the one at that endpoint.
        var calls = endpoints.Select(_ => NewCall()).ToArray();
        var firstEnded = NewCall();
        T? found = null;
        var last = _last;
        var attempts = Enumerable.Range(0, endpoints.Length).Select(async i =>
        {
            if (i != last)
                await Task.WhenAny(firstEnded.Task, calls[i].Task, Task.Delay(HeadStart, time, over.Token));
            while (!over.IsCancellationRequested)
            {
                var called = calls[i] = NewCall();
                var attempt = await dial(endpoints[i], _backoffs[i].Failures, over.Token);
                if (attempt.Stream is { } stream)
                {
                    if (Interlocked.CompareExchange(ref found, stream, null) is not null)
                    {
                        await drop(stream);
                        return;
                    }
                    _last = i;
                    await over.CancelAsync();
                    return;
                }
                firstEnded.TrySetResult();
                if (attempt.Leader is { } leader && endpoints.IndexOf(leader) is >= 0 and var at)
                    calls[at].TrySetResult();
                await Task.WhenAny(called.Task, Task.Delay(PauseAfter(attempt.End, i, longestPause()), time, over.Token));
            }
        }).ToArray();
        await Task.WhenAll(attempts);
        return found;
    }

    /// <summary>A stream has served: what failed before it is forgotten.</summary>
    public void Served()
    {
        foreach (var backoff in _backoffs)
            backoff.Reset();
    }

    private TimeSpan PauseAfter(AttemptEnd end, int endpoint, TimeSpan longest)
    {
        if (end == AttemptEnd.NotLeading)
        {
            _backoffs[endpoint].Reset();
            return AfterFollower;
        }
        var pause = _backoffs[endpoint].Next(longest);
        return end == AttemptEnd.Refused && pause < longest / 2 ? longest / 2 : pause;
    }

    private static TaskCompletionSource NewCall() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
