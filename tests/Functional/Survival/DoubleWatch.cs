using System.Collections.Concurrent;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>
/// Looks without a pause for two instances of one program at one instant. A look takes time: two processes that it has seen were alive together
/// only if the one that was seen first is still alive after the other was seen.
/// </summary>
internal sealed class DoubleWatch : IDisposable
{
    private readonly ConcurrentQueue<string> _found = new();
    private readonly ProcessTable _table;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _looks;

    /// <param name="table">What it looks at; nobody else's.</param>
    public DoubleWatch(ProcessTable table)
    {
        _table = table;
        _thread = new Thread(Run) { IsBackground = true, Name = "double watch" };
        _thread.Start();
    }

    /// <summary>Every double that was seen.</summary>
    public IReadOnlyCollection<string> Found => _found;

    /// <summary>How often it has looked.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_stopping)
        {
            foreach (var program in _table.Read().Where(process => process.Instance.Length > 0).GroupBy(process => process.Program))
            {
                var instances = program.GroupBy(process => process.Instance).Select(instance => instance.First()).ToArray();
                for (var i = 0; i + 1 < instances.Length; i++)
                {
                    if (ProcessTable.IsAlive(instances[i]))
                        _found.Enqueue($"{program.Key}: {instances[i]} beside {instances[^1]}");
                }
            }
            Interlocked.Increment(ref _looks);
            Thread.Yield();
        }
    }
}
