using System.Collections.Concurrent;
using System.Threading.Channels;
using HaGrpc.Agent.Uplink;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>How an agent finds the endpoint of the leader; on a clock that moves only when it is told to.</summary>
public sealed class LeaderSearchTests : IDisposable
{
    private static readonly Uri First = new("http://first:1"), Second = new("http://second:1"), Third = new("http://third:1");

    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<Dialled> _dialled = Channel.CreateUnbounded<Dialled>();
    private readonly ConcurrentBag<string> _dropped = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly LeaderSearch _search;
    private TaskCompletionSource? _heard;

    public LeaderSearchTests() => _search = new([First, Second, Third], new Random(1), _clock);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task An_endpoint_that_hangs_delays_the_others_by_its_head_start_only()
    {
        var found = FindAsync();
        var hanging = await NextAsync();
        hanging.Endpoint.ShouldBe(First);

        _clock.Advance(TimeSpan.FromMilliseconds(99));
        _dialled.Reader.TryRead(out _).ShouldBeFalse("the last leader is asked first");
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Dialled[] others = [await NextAsync(), await NextAsync()];
        others.Select(d => d.Endpoint).ShouldBe([Second, Third], ignoreOrder: true);
        others.Single(d => d.Endpoint == Third).Answer.SetResult(new(AttemptEnd.Welcomed, "third"));

        (await found).ShouldBe("third");
        hanging.Ended.IsCancellationRequested.ShouldBeTrue();
        _ = FindAsync();
        (await NextAsync()).Endpoint.ShouldBe(Third, "it has the head start from now on");
        await _stop.CancelAsync();
    }

    [Fact]
    public async Task When_the_first_one_fails_the_others_are_asked_at_once()
    {
        var found = FindAsync();
        (await NextAsync()).Answer.SetResult(new(AttemptEnd.OutOfReach));

        Dialled[] others = [await NextAsync(), await NextAsync()]; // No time has passed.
        others[0].Answer.SetResult(new(AttemptEnd.Welcomed, "it"));

        (await found).ShouldBe("it");
    }

    [Fact]
    public async Task Whoever_knows_the_leader_ends_the_pause_of_its_endpoint_and_a_stranger_is_not_dialled()
    {
        var found = FindAsync(longestPause: TimeSpan.FromHours(1));
        (await NextAsync()).Answer.SetResult(new(AttemptEnd.Refused)); // Half an hour's pause.
        Dialled[] others = [await NextAsync(), await NextAsync()];

        others[0].Answer.SetResult(new(AttemptEnd.NotLeading, null, new("http://stranger:1")));
        others[1].Answer.SetResult(new(AttemptEnd.NotLeading, null, First));
        var again = await NextAsync();

        again.Endpoint.ShouldBe(First);
        again.Answer.SetResult(new(AttemptEnd.Welcomed, "first"));
        (await found).ShouldBe("first");
        _dialled.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_two_streams_the_second_is_given_back()
    {
        _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var found = FindAsync();
        var first = await NextAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Dialled[] others = [await NextAsync(), await NextAsync()];

        // Both have answered before either is heard: the first to be found ends the other attempts.
        others[0].Answer.SetResult(new(AttemptEnd.Welcomed, "one"));
        first.Answer.SetResult(new(AttemptEnd.Welcomed, "two"));
        _heard.SetResult();

        var kept = await found;
        kept.ShouldBeOneOf("one", "two");
        _dropped.Append(kept).ShouldBe(["one", "two"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_stopped_search_finds_nothing_and_ends_its_attempts()
    {
        var found = FindAsync();
        var first = await NextAsync();

        await _stop.CancelAsync();

        (await found).ShouldBeNull();
        first.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    private Task<string?> FindAsync(TimeSpan? longestPause = null) => _search.FindAsync<string>(
        async (endpoint, _, ended) =>
        {
            var dialled = new Dialled(endpoint, new(TaskCreationOptions.RunContinuationsAsynchronously), ended);
            await _dialled.Writer.WriteAsync(dialled, CancellationToken.None);
            await Task.WhenAny(dialled.Answer.Task, Task.Delay(Timeout.Infinite, ended));
            if (_heard is not null)
                await _heard.Task;
            return dialled.Answer.Task.IsCompleted ? await dialled.Answer.Task : new(AttemptEnd.OutOfReach);
        },
        stream =>
        {
            _dropped.Add(stream);
            return Task.CompletedTask;
        },
        () => longestPause ?? TimeSpan.FromSeconds(5),
        _stop.Token);

    private async Task<Dialled> NextAsync() => await _dialled.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    private sealed record Dialled(Uri Endpoint, TaskCompletionSource<Attempt<string>> Answer, CancellationToken Ended);
}
