using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace HaGrpc.Ctl.Output;

/// <summary>Times as people and machines read them.</summary>
internal static class Times
{
    /// <summary>Python's timedelta as supervisorctl prints it: <c>0:00:05</c>, <c>1 day, 2:03:04</c>. Clocks of two
    /// hosts differ a little: a negative uptime is zero.</summary>
    internal static string Uptime(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            time = TimeSpan.Zero;
        var clock = time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
        return time.Days switch
        {
            0 => clock,
            1 => $"1 day, {clock}",
            var days => string.Create(CultureInfo.InvariantCulture, $"{days} days, {clock}"),
        };
    }

    /// <summary>A length of time in the largest unit that fits: <c>5 s</c>, <c>3 min</c>, <c>2 h</c>, <c>4 days</c>.</summary>
    internal static string Ago(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.Zero => "0 s",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h"),
        { TotalDays: < 2 } => "1 day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Days} days"),
    };

    /// <summary>supervisorctl's <c>%b %d %I:%M %p</c>, local time: <c>Nov 23 06:55 AM</c>.</summary>
    internal static string Supervisor(Timestamp at, TimeProvider time) =>
        Local(at, time).ToString("MMM dd hh:mm tt", CultureInfo.InvariantCulture);

    /// <summary>Local date and time with milliseconds.</summary>
    internal static string Full(Timestamp at, TimeProvider time) =>
        Local(at, time).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>RFC 3339 in UTC with microseconds, for machines; null for none.</summary>
    internal static string? Machine(Timestamp? at) =>
        at?.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds for machines; null for none.</summary>
    internal static double? Seconds(Duration? duration) =>
        duration is null ? null : duration.Seconds + (duration.Nanos / 1e9);

    /// <summary>Seconds with milliseconds, for people; empty for none.</summary>
    internal static string Short(Duration? duration) => duration is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Seconds(duration):F3} s");

    private static DateTimeOffset Local(Timestamp at, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), time.LocalTimeZone);
}
