using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Logs;

/// <summary>How a feed ended.</summary>
internal enum LogFeedEnd
{
    /// <summary>Everything that was wanted has come.</summary>
    Finished,

    /// <summary>The agent says why it sends nothing.</summary>
    Refused,

    /// <summary>The agent's call broke, or did not come.</summary>
    Broken,
}

/// <summary>
/// What one agent sends of the logs that one operator reads. Two messages at most wait here; then the agent's call is not read any
/// further, HTTP/2 takes no more from the agent, and it reads no more of the file.
/// </summary>
/// <param name="agent">Who was asked.</param>
/// <param name="id">The question.</param>
/// <param name="desk">Who brings both together.</param>
internal sealed class LogFeed(AgentStream agent, long id, LogDesk desk) : IDisposable
{
    private const int Capacity = 2;

    private readonly Channel<SendLogsRequest> _messages = Channel.CreateBounded<SendLogsRequest>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly CancellationTokenSource _unwanted = new();
    private readonly Lock _lock = new();
    private bool _claimed, _ended, _disposed;

    /// <summary>Who was asked.</summary>
    public AgentStream Agent => agent;

    /// <summary>How it ended; when <see cref="WaitAsync"/> has said that nothing more comes.</summary>
    public LogFeedEnd Outcome { get; private set; }

    /// <summary>Why it was refused or broke; for the operator.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Cancelled when nobody reads any more.</summary>
    public CancellationToken Unwanted { get; private set; }

    /// <summary>The agent's call has come; false when another one has, or when nobody waits any more.</summary>
    public bool TryClaim()
    {
        lock (_lock)
        {
            if (_claimed || _ended || _disposed)
                return false;
            Unwanted = _unwanted.Token;
            return _claimed = true;
        }
    }

    /// <summary>Completes when there is a message, or, with false, when none comes any more.</summary>
    public Task<bool> WaitAsync(CancellationToken ct) => _messages.Reader.WaitToReadAsync(ct).AsTask();

    /// <summary>Takes a message that has come.</summary>
    public bool TryTake([NotNullWhen(true)] out SendLogsRequest? message) => _messages.Reader.TryRead(out message);

    /// <summary>Passes a message on; waits until there is room.</summary>
    public ValueTask PassAsync(SendLogsRequest message, CancellationToken ct) => _messages.Writer.WriteAsync(message, ct);

    /// <summary>What is written by now is enough.</summary>
    public void Enough() => agent.Tell(new() { LogEnough = new() { Id = id } });

    /// <summary>Nothing more comes; only the first end counts.</summary>
    public void End(LogFeedEnd outcome, string reason)
    {
        lock (_lock)
        {
            if (_ended)
                return;
            (_ended, Outcome, Reason) = (true, outcome, reason);
        }
        _messages.Writer.TryComplete();
    }

    /// <summary>Nobody reads any more: the agent's call is ended, or not let in.</summary>
    public void Dispose()
    {
        bool claimed;
        lock (_lock)
            (claimed, _disposed) = (_claimed, true);
        desk.Forget(id);
        if (claimed)
            _unwanted.Cancel();
        _unwanted.Dispose();
    }
}
