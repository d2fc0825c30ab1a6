using HaGrpc.V1;

namespace HaGrpc.Agent.Uplink;

/// <summary>Questions to the control plane and their answers. A question belongs to one stream: with the stream it is over.</summary>
/// <param name="outbox">What is sent.</param>
/// <param name="time">Bounds the wait.</param>
internal sealed class DesiredStateAsks(Outbox outbox, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, TaskCompletionSource<DesiredStateAnswer?>> _waiting = [];
    private long _lastId;
    private bool _open;

    /// <summary>Called from the stream's task when a stream was accepted; must not block.</summary>
    public event Action? StreamOpened;

    /// <summary>Asks.</summary>
    /// <param name="asked">The question; gets its id here.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The answer; null when the control plane is out of reach, which says nothing about what it did.</returns>
    public async Task<DesiredStateAnswer?> AskAsync(DesiredStateAsked asked, TimeSpan patience, CancellationToken ct = default)
    {
        var answer = new TaskCompletionSource<DesiredStateAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_open)
                return null;
            asked.Id = ++_lastId;
            _waiting[asked.Id] = answer;
        }
        try
        {
            return outbox.Post(asked) ? await answer.Task.WaitAsync(patience, time, ct) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            lock (_lock)
                _waiting.Remove(asked.Id);
        }
    }

    /// <summary>A stream was accepted.</summary>
    public void Opened()
    {
        lock (_lock)
            _open = true;
        StreamOpened?.Invoke();
    }

    /// <summary>The stream is over.</summary>
    public void Closed()
    {
        TaskCompletionSource<DesiredStateAnswer?>[] waiting;
        lock (_lock)
        {
            _open = false;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }
        foreach (var question in waiting)
            question.TrySetResult(null);
    }

    /// <summary>The control plane has answered.</summary>
    public void Answered(DesiredStateAnswer answer)
    {
        TaskCompletionSource<DesiredStateAnswer?>? question;
        lock (_lock)
            _ = _waiting.Remove(answer.Id, out question);
        question?.TrySetResult(answer);
    }
}
