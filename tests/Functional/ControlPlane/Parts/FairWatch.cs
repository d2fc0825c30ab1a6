using HaGrpc.Linux;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>How long something takes, without what a busy machine takes from everybody on it: by how much a thread that only sleeps is late.</summary>
internal sealed class FairWatch : IDisposable
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(10);
    private readonly long _begun = BootClock.Nanoseconds;
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _thread;
    private long _lost;

    public FairWatch()
    {
        _thread = new(Measure) { IsBackground = true, Name = "fair watch" };
        _thread.Start();
    }

    public TimeSpan Elapsed => TimeSpan.FromTicks((BootClock.Nanoseconds - _begun - Interlocked.Read(ref _lost)) / 100);

    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
    }

    private void Measure()
    {
        for (var before = BootClock.Nanoseconds; !_over.Wait(Nap);)
        {
            var now = BootClock.Nanoseconds;
            Interlocked.Add(ref _lost, Math.Max(0, now - before - (long)Nap.TotalNanoseconds));
            before = now;
        }
    }
}
