namespace HaGrpc.Lab.Kernel;

/// <summary>
/// A thread inside another network namespace: sockets that it opens belong there for good, whoever uses them later
/// (setns(2) moves one thread, not the process).
/// </summary>
internal sealed class NamespaceThread : IDisposable
{
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;

    private NamespaceThread(int? pid, string name, Action<Action, CancellationToken> body)
    {
        _thread = new Thread(() => Run(pid, body)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>
    /// Starts a thread in the namespace of a process, or in the lab's own, and returns when the body has called its
    /// first argument: then its sockets are open.
    /// </summary>
    public static NamespaceThread Start(int? pid, string name, Action<Action, CancellationToken> body)
    {
        var thread = new NamespaceThread(pid, name, body);
        thread._started.Task.GetAwaiter().GetResult();
        return thread;
    }

    /// <summary>Ends the thread; what it failed with comes out here, so that no observer dies unnoticed.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        if (!_thread.Join(TimeSpan.FromSeconds(60)))
            throw new InvalidOperationException($"the thread '{_thread.Name}' did not end");
        _stop.Dispose();
        if (_failure is not null)
            throw new InvalidOperationException($"the observer '{_thread.Name}' failed: {_failure.Message}", _failure);
    }

    private void Run(int? pid, Action<Action, CancellationToken> body)
    {
        try
        {
            // Who watches comes before what is watched, or an end is seen when the next owner has begun already. Where it is refused, the
            // lab is as exact as the machine is idle.
            _ = Libc.RunFirst();
            if (pid is { } process)
            {
                using var handle = File.OpenHandle($"/proc/{process}/ns/net");
                Libc.Check(Libc.SetNs((int)handle.DangerousGetHandle(), Libc.CloneNewNet), "setns");
            }
            body(() => _started.TrySetResult(), _stop.Token);
        }
        catch (Exception failure) when (!_started.TrySetException(failure))
        {
            _failure = failure;
        }
        catch (Exception)
        {
            // Start has it.
        }
        finally
        {
            _started.TrySetResult();
        }
    }
}
