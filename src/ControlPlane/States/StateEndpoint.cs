using Google.Protobuf.Collections;
using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.States;

/// <summary>How the fleet stands, followed: each reader takes what is newest when it can, and nothing is kept for it meanwhile.</summary>
internal sealed class StateEndpoint(StateFeed feed, LeaderSeat seat, IHostApplicationLifetime lifetime) : StateService.StateServiceBase
{
    private static readonly TimeSpan SlowReader = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override async Task WatchStates(
        WatchStatesRequest request, IServerStreamWriter<WatchStatesResponse> responseStream, ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var wants = Wanted(request.Selectors);
        var standing = feed.Standing;
        using var following = feed.Follow(out var look);
        var seen = -1L;
        try
        {
            while (true)
            {
                var changed = feed.Changed.Next;
                if (!Equals(feed.Standing, standing))
                {
                    throw new RpcException(
                        new Status(StatusCode.Unavailable, "the leadership has changed: ask again for everything, of whoever leads now"), seat.Directions());
                }
                if (feed.Since(standing, look, seen, wants) is { } news)
                {
                    foreach (var answer in news.Answers())
                        await SendAsync(responseStream, answer, either.Token);
                    seen = news.Version;
                    continue;
                }
                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "this control plane serves no more: it is shutting down"));
        }
    }

    private static async Task SendAsync(IServerStreamWriter<WatchStatesResponse> stream, WatchStatesResponse answer, CancellationToken ct)
    {
        try
        {
            // The token stays outside of the write: a cancelled write resets the stream, and no reason reaches the reader.
            await stream.WriteAsync(answer, CancellationToken.None).WaitAsync(SlowReader, ct);
        }
        catch (TimeoutException)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"an answer was not taken for {SlowReader.TotalSeconds:F0} s: ask again"));
        }
    }

    /// <summary>What selectors stand for; the name is empty for a group itself, which any of its programs brings along.</summary>
    private static Func<string, string, bool> Wanted(RepeatedField<string> selectors)
    {
        if (selectors.Count == 0 || selectors.Contains("all"))
            return static (_, _) => true;
        var (groups, programs) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<(string Group, string Name)>());
        foreach (var selector in selectors)
        {
            var colon = selector.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || selector[(colon + 1)..] is "*" or "")
                groups.Add(colon < 0 ? selector : selector[..colon]);
            else
                programs.Add((selector[..colon], selector[(colon + 1)..]));
        }
        var touched = programs.Select(p => p.Group).ToHashSet(StringComparer.Ordinal);
        return (group, name) => groups.Contains(group) || (name.Length == 0 ? touched.Contains(group) : programs.Contains((group, name)));
    }
}
