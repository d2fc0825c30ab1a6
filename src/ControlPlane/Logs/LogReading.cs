using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Logs;

/// <summary>
/// One operator's reading of a group's logs. It asks the owner's agent, passes on what comes, and asks the next owner's when the
/// group has moved. It holds one message at a time: the operator sets the pace.
/// </summary>
/// <param name="request">What the operator wants.</param>
/// <param name="logs">The logs that this means.</param>
/// <param name="tenure">The leadership in force.</param>
/// <param name="desk">Asks agents.</param>
/// <param name="stream">The operator.</param>
/// <param name="ct">The operator has gone, or the leadership is over.</param>
internal sealed class LogReading(
    TailLogsRequest request,
    ImmutableArray<(ProgramName Program, LogChannel Channel)> logs,
    Tenure tenure,
    LogDesk desk,
    IServerStreamWriter<TailLogsResponse> stream,
    CancellationToken ct)
{
    /// <summary>How long an agent may take to begin.</summary>
    private static readonly TimeSpan Begin = TimeSpan.FromSeconds(10);

    /// <summary>How long a former owner may be silent before the next one is asked, with lines still on the way.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>Between looks at who owns the group, when nothing has said that it moved.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly LogPlaces _places = new(request, logs);
    private bool _hasBegun = request.Resume.Count > 0;
    private string _said = "";

    /// <summary>Until everything is sent; followed, until cancelled.</summary>
    /// <exception cref="RpcException">It cannot be read.</exception>
    public async Task RunAsync()
    {
        var pause = FirstPause;
        while (true)
        {
            var changed = tenure.Agents.Changed.Next;
            var owner = await tenure.Loop.RunAsync(() => LogOwner.Of(tenure, request.Group));
            if (owner.Agent is not { } agent)
            {
                await AwayAsync(owner.Obstacle);
                await Task.WhenAny(changed, Task.Delay(Look, ct));
                ct.ThrowIfCancellationRequested();
                continue;
            }
            if (!agent.SendsLogs)
            {
                throw Failed(StatusCode.FailedPrecondition,
                    $"the agent of host {owner.Host} ({agent.AgentVersion}) is too old to send logs: upgrade it, or read the file there");
            }
            using var feed = desk.Ask(agent, _places.Wanted(owner));
            var began = await RelayAsync(feed, owner);
            switch (feed.Outcome)
            {
                case LogFeedEnd.Finished when !request.Follow:
                    return;
                case LogFeedEnd.Refused:
                case LogFeedEnd.Broken when !request.Follow:
                    throw Failed(StatusCode.Unavailable, feed.Reason);
                default:
                    pause = began ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    await Task.Delay(pause, ct);
                    break;
            }
        }
    }

    /// <summary>Passes on what one agent sends, until it ends or the group has moved and the agent has nothing more.</summary>
    /// <returns>True when the agent began to send.</returns>
    private async Task<bool> RelayAsync(LogFeed feed, LogOwner owner)
    {
        var (began, leaving) = (false, false);
        var heard = Now;
        var changed = tenure.Agents.Changed.Next;
        var more = feed.WaitAsync(ct);
        var look = Task.Delay(Look, ct);
        while (true)
        {
            await Task.WhenAny(more, look, leaving ? more : changed);
            ct.ThrowIfCancellationRequested();
            if (more.IsCompleted)
            {
                if (!await more)
                    return began;
                while (feed.TryTake(out var message))
                    await PassOnAsync(message, owner);
                (began, heard, more) = (true, Now, feed.WaitAsync(ct));
            }
            if (!leaving && (look.IsCompleted || changed.IsCompleted))
            {
                changed = tenure.Agents.Changed.Next;
                var (now, isLive) = await tenure.Loop.RunAsync(() =>
                    (LogOwner.Of(tenure, request.Group), LogOwner.IsLive(tenure, owner.Host)));
                if (now.Host == owner.Host && now.Agent != owner.Agent)
                    feed.End(LogFeedEnd.Broken, now.Obstacle.Length > 0 ? now.Obstacle : $"the agent of host {owner.Host} was restarted");
                leaving = request.Follow && now.Host.Length > 0 && now.Host != owner.Host;
                if (leaving && !isLive)
                    return began;
                if (leaving)
                    feed.Enough();
                heard = leaving ? Now : heard;
            }
            if (look.IsCompleted)
                look = Task.Delay(Look, ct);
            var patience = leaving ? LastWords : began ? TimeSpan.MaxValue : Begin;
            if (Now - heard > patience)
            {
                feed.End(LogFeedEnd.Broken, $"host {owner.Host} has not begun to send within {Begin.TotalSeconds:F0} s");
                return began;
            }
        }
    }

    private async Task PassOnAsync(SendLogsRequest message, LogOwner owner)
    {
        switch (message.MessageCase)
        {
            case SendLogsRequest.MessageOneofCase.Opened:
                var problems = _places.ProblemsOf(message.Opened);
                if (!_hasBegun && message.Opened.Logs.All(l => l.Problem.Length > 0))
                    throw Failed(StatusCode.FailedPrecondition, string.Join("; ", problems.Select(p => p.Message).Distinct()));
                _hasBegun = true;
                if (_places.Gap(owner) is { } gap)
                    await NoticeAsync(LogNoticeKind.Skipped, gap);
                await SendAsync(new() { Reached = _places.Reach(message.Opened, owner) });
                foreach (var problem in problems)
                    await SendAsync(new() { Notice = problem });
                _said = "";
                break;
            case SendLogsRequest.MessageOneofCase.Chunk when _places.Knows(message.Chunk.Log):
                await SendAsync(new() { Text = _places.TextOf(message.Chunk, owner) });
                break;
            case SendLogsRequest.MessageOneofCase.Changed when _places.Knows(message.Changed.Log):
                await SendAsync(new() { Notice = _places.NoticeOf(message.Changed) });
                break;
        }
    }

    private Task AwayAsync(string obstacle)
    {
        if (!request.Follow)
            throw Failed(StatusCode.Unavailable, obstacle);
        if (_said == obstacle)
            return Task.CompletedTask;
        _said = obstacle;
        return NoticeAsync(LogNoticeKind.Away, $"{obstacle}; waiting");
    }

    private Task NoticeAsync(LogNoticeKind kind, string message) =>
        SendAsync(new() { Notice = new() { Kind = kind, Message = message } });

    // The token stays outside of the write: a cancelled write resets the stream, and no reason reaches the reader.
    private Task SendAsync(TailLogsResponse answer) => stream.WriteAsync(answer, CancellationToken.None).WaitAsync(ct);

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private static RpcException Failed(StatusCode code, string why) => new(new Status(code, why));
}
