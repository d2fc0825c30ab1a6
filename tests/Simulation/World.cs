using System.Globalization;
using System.Runtime.CompilerServices;
using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Simulated real time, and everything that is scheduled in it. One seed, one run: nothing here reads a clock or a
/// random source other than these, so that a failing seed replays to the same transcript. Transcripts are only written
/// when somebody wants to read them: a run without one is several times faster and takes the same course.
/// </summary>
internal sealed class World(ulong seed, bool tells)
{
    private readonly EventQueue _queue = new();
    private readonly List<Line> _transcript = [];

    public ulong Seed { get; } = seed;

    public bool Tells { get; } = tells;

    public SeededRandom Random { get; } = new(seed);

    /// <summary>Nanoseconds of real time; no simulated process can see it.</summary>
    public long Now { get; private set; }

    public IReadOnlyList<Line> Transcript => _transcript;

    public void At(long time, Action action) => _queue.Add(Math.Max(time, Now), null, action);

    public void At(long time, SimProcess process, Action action) => _queue.Add(Math.Max(time, Now), process, action);

    public void After(TimeSpan delay, Action action) => At(Now + (delay.Ticks * 100), action);

    public void RunUntil(long time)
    {
        while (_queue.TryTake(time, out var due))
        {
            Now = due.Time;
            if (due.Process is { } process)
                process.Run(due.Incarnation, due.Action);
            else
                due.Action();
        }
        Now = time;
    }

    /// <summary>Something that a reader of the whole story wants to know.</summary>
    public void Log(string who, [InterpolatedStringHandlerArgument("")] ref Sentence what) => Add(who, ref what, routine: false);

    /// <summary>A message or a renewal: of interest only around a failure.</summary>
    public void LogRoutine(string who, [InterpolatedStringHandlerArgument("")] ref Sentence what) =>
        Add(who, ref what, routine: true);

    public TimeSpan Between(double fromMs, double toMs) =>
        new((long)((fromMs + (Random.NextDouble() * (toMs - fromMs))) * TimeSpan.TicksPerMillisecond));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    private void Add(string who, ref Sentence what, bool routine)
    {
        if (Tells)
            _transcript.Add(new Line(Now, who, what.Take(), routine));
    }

    internal readonly record struct Line(long At, string Who, string What, bool Routine)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At / 1e9,10:F4}  {Who,-5} {What}");
    }

    /// <summary>An interpolated string that is put together only when the world tells.</summary>
    [InterpolatedStringHandler]
    internal ref struct Sentence
    {
        private DefaultInterpolatedStringHandler _text;

        public Sentence(int literalLength, int formattedCount, World world, out bool told)
        {
            told = world.Tells;
            _text = told ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

        public string Take() => _text.ToStringAndClear();
    }
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

/// <summary>SplitMix64: the same numbers on every machine and runtime, and far cheaper than a seeded Random.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public int Next(int limit) => Next(0, limit);

    public int Next(int from, int limit) => from + (int)(((Draw() >> 32) * (ulong)(limit - from)) >> 32);

    public double NextDouble() => (Draw() >> 11) * (1.0 / (1UL << 53));

    public long NextInt64(long from, long to) => from + (long)(NextDouble() * (to - from));

    private ulong Draw()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
