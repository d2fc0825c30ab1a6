using System.Collections.Concurrent;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.Core.Identity;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Logs;

/// <summary>Asks agents for logs, and brings each question together with the call that answers it: nobody may send what he was not
/// asked for.</summary>
internal sealed class LogDesk
{
    private static readonly TimeSpan FirstMessage = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, LogFeed> _feeds = new();
    private long _lastId;

    /// <summary>Asks.</summary>
    /// <param name="agent">The owner's.</param>
    /// <param name="wanted">What is read; gets its id here.</param>
    public LogFeed Ask(AgentStream agent, LogWanted wanted)
    {
        wanted.Id = Interlocked.Increment(ref _lastId);
        var feed = new LogFeed(agent, wanted.Id, this);
        _feeds[wanted.Id] = feed;
        agent.Tell(new() { LogWanted = wanted });
        return feed;
    }

    /// <summary>The agent sends nothing, or nothing more.</summary>
    public void Refuse(AgentStream agent, LogRefused refused)
    {
        if (_feeds.TryGetValue(refused.Id, out var feed) && feed.Agent.Id == agent.Id)
            feed.End(LogFeedEnd.Refused, refused.Reason);
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Forget(long id) => _feeds.TryRemove(id, out _);

    /// <summary>An agent's call.</summary>
    /// <exception cref="RpcException">Nobody has asked for it.</exception>
    public async Task<SendLogsResponse> ReceiveAsync(IAsyncStreamReader<SendLogsRequest> from, ServerCallContext context)
    {
        var opened = await ReadOpenedAsync(from, context);
        if (!Guid.TryParse(opened.InstanceId, out var instance)
            || !_feeds.TryGetValue(opened.Id, out var feed)
            || feed.Agent.Host != opened.Host
            || feed.Agent.Instance != instance
            || !IsOf(opened.Host, context)
            || !feed.TryClaim())
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"nobody waits for log request {opened.Id} of host '{opened.Host}'"));
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, feed.Unwanted);
        try
        {
            do
                await feed.PassAsync(from.Current, over.Token);
            while (await from.MoveNext(over.Token));
            feed.End(LogFeedEnd.Finished, "");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException or InvalidOperationException)
        {
            feed.End(LogFeedEnd.Broken, $"the connection of host {opened.Host} broke");
        }
        return new();
    }

    private static async Task<LogsOpened> ReadOpenedAsync(IAsyncStreamReader<SendLogsRequest> from, ServerCallContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        patience.CancelAfter(FirstMessage);
        try
        {
            if (await from.MoveNext(patience.Token) && from.Current.Opened is { } opened)
                return opened;
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            // Said below.
        }
        throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message must be LogsOpened"));
    }

    /// <summary>As for the agent's stream: a certificate is for the names in it.</summary>
    private static bool IsOf(string host, ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate is not { } certificate
        || CertificateNames.ClaimOf(certificate).SpeaksFor(host);
}
