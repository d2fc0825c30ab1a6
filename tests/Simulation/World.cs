using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Simulated real time, and everything that is scheduled in it. One seed, one run: nothing here reads a clock or a
/// random source other than these, so that a failing seed replays to the same transcript.
/// </summary>
internal sealed class World(ulong seed)
{
    private readonly PriorityQueue<Action, (long, long)> _queue = new();
    private readonly List<string> _transcript = [];
    private long _scheduled;

    public ulong Seed { get; } = seed;

    public Random Random { get; } = new((int)(seed ^ (seed >> 32)));

    /// <summary>Nanoseconds of real time; no simulated process can see it.</summary>
    public long Now { get; private set; }

    public IReadOnlyList<string> Transcript => _transcript;

    public void At(long time, Action action) => _queue.Enqueue(action, (Math.Max(time, Now), _scheduled++));

    public void After(TimeSpan delay, Action action) => At(Now + (delay.Ticks * 100), action);

    public void RunUntil(long time)
    {
        while (_queue.TryPeek(out var action, out var at) && at.Item1 <= time)
        {
            _queue.Dequeue();
            Now = at.Item1;
            action();
        }
        Now = time;
    }

    public void Log(string who, string what) =>
        _transcript.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / 1e9,10:F4}  {who,-6} {what}"));

    public TimeSpan Between(double fromMs, double toMs) =>
        TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public bool Chance(double probability) => Random.NextDouble() < probability;
}

/// <summary>A node's CLOCK_BOOTTIME: some offset, and a rate that is off by up to 0.5 % as the protocol allows.</summary>
internal sealed class NodeClock(World world, double driftLimit)
{
    private readonly double _rate = 1 + ((world.Random.NextDouble() - 0.5) * 2 * driftLimit);
    private readonly long _offset = world.Random.NextInt64(1_000_000_000, 1_000_000_000_000);

    public BootInstant Now => new(_offset + (long)(world.Now * _rate));

    /// <summary>The real time at which this clock shows <paramref name="instant"/>, never too early.</summary>
    public long RealTimeOf(BootInstant instant) =>
        instant == BootInstant.Never ? long.MaxValue : (long)Math.Ceiling((instant.Nanoseconds - _offset) / _rate) + 1;

    /// <summary>How long a local duration takes in real time.</summary>
    public long RealDuration(TimeSpan local) => (long)(local.Ticks * 100 / _rate);
}
