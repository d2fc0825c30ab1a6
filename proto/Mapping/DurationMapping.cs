using Google.Protobuf.WellKnownTypes;

namespace HaGrpc.Contracts;

/// <summary>
/// Durations on the wire (nanoseconds, ±10 000 years) and in the model (100 ns, ±29 000 years). Total in both
/// directions: what does not fit goes to the nearest end of the range, so that validation, not an exception in the
/// middle of a request, tells the operator about it.
/// </summary>
public static class DurationMapping
{
    private const long LongestSeconds = 315_576_000_000;

    /// <summary>The message of a duration, limited to what google.protobuf.Duration can carry.</summary>
    public static Duration ToProto(this TimeSpan duration)
    {
        var seconds = duration.Ticks / TimeSpan.TicksPerSecond;
        if (Math.Abs(seconds) >= LongestSeconds)
            return new Duration { Seconds = seconds < 0 ? -LongestSeconds : LongestSeconds };
        return new Duration { Seconds = seconds, Nanos = (int)(duration.Ticks % TimeSpan.TicksPerSecond) * 100 };
    }

    /// <summary>The message of a duration where an absent one means "no end": <see cref="TimeSpan.MaxValue"/> gives
    /// null.</summary>
    public static Duration? ToProtoOrNull(this TimeSpan duration) =>
        duration == TimeSpan.MaxValue ? null : duration.ToProto();

    /// <summary>The duration of a message, cut to 100 ns towards zero and limited to the range of
    /// <see cref="TimeSpan"/>; <paramref name="whenAbsent"/> for none.</summary>
    public static TimeSpan ToModel(this Duration? duration, TimeSpan whenAbsent)
    {
        if (duration is null)
            return whenAbsent;
        var ticks = ((Int128)duration.Seconds * TimeSpan.TicksPerSecond) + (duration.Nanos / 100);
        return new TimeSpan((long)Int128.Clamp(ticks, long.MinValue, long.MaxValue));
    }
}
