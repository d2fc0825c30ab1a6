namespace HaGrpc.Core.Model;

/// <summary>
/// An instant on this machine's CLOCK_BOOTTIME (clock_gettime(2)): never steps, counts suspend, means nothing on
/// another machine. Deadlines and leases use only this; wall-clock time is a different type on purpose.
/// </summary>
/// <param name="Nanoseconds">Nanoseconds since the machine booted.</param>
public readonly record struct BootInstant(long Nanoseconds) : IComparable<BootInstant>
{
    /// <summary>Later than every deadline: the end of a lease without end (rule L6).</summary>
    public static BootInstant Never { get; } = new(long.MaxValue);

    /// <summary>Earlier than every deadline.</summary>
    public static BootInstant Zero { get; }

    /// <summary>The later of two instants.</summary>
    public static BootInstant Max(BootInstant a, BootInstant b) => a.Nanoseconds >= b.Nanoseconds ? a : b;

    /// <summary>The earlier of two instants.</summary>
    public static BootInstant Min(BootInstant a, BootInstant b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    /// <inheritdoc/>
    public int CompareTo(BootInstant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Adds a duration; <see cref="Never"/> stays <see cref="Never"/>, and <see cref="TimeSpan.MaxValue"/> leads to it.</summary>
    public static BootInstant operator +(BootInstant a, TimeSpan b)
    {
        if (a == Never || b == TimeSpan.MaxValue)
            return Never;
        return new(checked(a.Nanoseconds + (b.Ticks * 100)));
    }

    /// <summary>Subtracts a duration; <see cref="Never"/> stays <see cref="Never"/>.</summary>
    public static BootInstant operator -(BootInstant a, TimeSpan b) =>
        a == Never ? Never : new(checked(a.Nanoseconds - (b.Ticks * 100)));

    /// <summary>The time from <paramref name="b"/> to <paramref name="a"/>, rounded down to 100 ns;
    /// <see cref="TimeSpan.MaxValue"/> when <paramref name="a"/> is <see cref="Never"/>.</summary>
    public static TimeSpan operator -(BootInstant a, BootInstant b) =>
        a == Never ? TimeSpan.MaxValue : new(Math.Max(long.MinValue / 100, a.Nanoseconds - b.Nanoseconds) / 100);

    /// <summary>True when <paramref name="a"/> is earlier.</summary>
    public static bool operator <(BootInstant a, BootInstant b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is later.</summary>
    public static bool operator >(BootInstant a, BootInstant b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is not later.</summary>
    public static bool operator <=(BootInstant a, BootInstant b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>True when <paramref name="a"/> is not earlier.</summary>
    public static bool operator >=(BootInstant a, BootInstant b) => a.Nanoseconds >= b.Nanoseconds;

    /// <summary>Seconds since boot with six decimals, as dmesg prints them.</summary>
    public override string ToString() => this == Never ? "never" : $"{Nanoseconds / 1e9:F6}";
}
