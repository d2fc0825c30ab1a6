namespace HaGrpc.ControlPlane.History;

/// <summary>Tells those who follow the history that there may be more of it.</summary>
internal sealed class EventSignal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next pulse. Take it before looking, so that none is missed.</summary>
    public Task Next => _next.Task;

    /// <summary>Something was stored.</summary>
    public void Pulse() =>
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
