[assembly: AssemblyFixture(typeof(HaGrpc.Functional.Tests.Network.PoolOutside))]

namespace HaGrpc.Functional.Tests.Network;

/// <summary>The thread pool's threads are made before any namespace is, and stay. One that the pool makes later, for work that a thread in a namespace
/// has queued, is in that namespace, too: connections of other tests that it opens are refused.</summary>
public sealed class PoolOutside
{
    /// <summary>Makes them.</summary>
    public PoolOutside()
    {
        ThreadPool.GetMinThreads(out var workers, out _);
        var all = new CountdownEvent(workers);
        for (var i = 0; i < workers; i++)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    all.Signal();
                    all.Wait();
                },
                null);
        }
        all.Wait();
    }
}
