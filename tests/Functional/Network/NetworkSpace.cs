using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>A network namespace of its own with a thread in it: what <see cref="Do"/> opens or starts belongs there for good.</summary>
internal sealed class NetworkSpace : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly NamespaceThread _thread;
    private int _threadId;

    public NetworkSpace(string name) => _thread = NamespaceThread.Start(null, name, Run);

    /// <summary>As which <c>ip link … netns</c> knows it.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Does something inside and returns when it is done; at once when it is inside already.</summary>
    public void Do(Action act) => Do(() =>
    {
        act();
        return 0;
    });

    public T Do<T>(Func<T> act)
    {
        if (Environment.CurrentManagedThreadId == _threadId)
            return act();
        using var done = new ManualResetEventSlim();
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        _work.Add(() =>
        {
            try
            {
                result = act();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        failure?.Throw();
        return result;
    }

    /// <summary>Runs a command inside that has to succeed, and returns its output.</summary>
    public string Command(params string[] line) => Inside("", line);

    public void Ip(string batch) => _ = Inside(batch, "ip", "-batch", "-");

    public void Nft(string ruleset) => _ = Inside(ruleset, "nft", "-f", "-");

    /// <summary>Ends the thread; the namespace goes with the last socket that was opened in it.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Dispose();
        _work.Dispose();
    }

    // Not by the thread: whoever waits for a command gives the thread pool work, and a thread that the pool makes for that is where its maker is.
    // Other tests' connections would be refused then.
    private string Inside(string input, params string[] line) =>
        Lab.World.Command.Run(input, ["nsenter", $"--net={Path}", .. line]).GetAwaiter().GetResult();

    private void Run(Action ready, CancellationToken stop)
    {
        Libc.Check(Libc.Unshare(Libc.CloneNewNet), "unshare");
        Path = $"/proc/{new FileInfo("/proc/thread-self").LinkTarget}/ns/net";
        _threadId = Environment.CurrentManagedThreadId;
        ready();
        foreach (var work in _work.GetConsumingEnumerable(CancellationToken.None))
            work();
    }
}
