using System.Globalization;

namespace HaGrpc.Core.Model;

/// <summary>Days of the week.</summary>
[Flags]
public enum WeekDays
{
    /// <summary>No day.</summary>
    None = 0,

    /// <summary>Monday.</summary>
    Monday = 1 << 0,

    /// <summary>Tuesday.</summary>
    Tuesday = 1 << 1,

    /// <summary>Wednesday.</summary>
    Wednesday = 1 << 2,

    /// <summary>Thursday.</summary>
    Thursday = 1 << 3,

    /// <summary>Friday.</summary>
    Friday = 1 << 4,

    /// <summary>Saturday.</summary>
    Saturday = 1 << 5,

    /// <summary>Sunday.</summary>
    Sunday = 1 << 6,

    /// <summary>Every day.</summary>
    All = (1 << 7) - 1,
}

/// <summary>When a failback may begin, by the wall clock of some place. It decides nothing else: leases know no wall clock.</summary>
/// <param name="FromMinute">The minute of the day at which it opens, 0 to 1439.</param>
/// <param name="ToMinute">The minute at which it shuts, 0 to 1439; on the day after when it is not later than <paramref name="FromMinute"/>.</param>
/// <param name="Zone">The place's time zone as in the IANA data base; empty for UTC.</param>
/// <param name="Days">The days on which it opens; at least one.</param>
public sealed record FailbackWindow(int FromMinute, int ToMinute, string Zone = "", WeekDays Days = WeekDays.All)
{
    /// <summary>How many minutes a day has on most days.</summary>
    public const int MinutesOfDay = 24 * 60;

    // A change of the clock may swallow the window of the only day of a week.
    private const int DaysAhead = 15;

    /// <summary>The zone, when this machine knows it.</summary>
    /// <returns>Null when it does not.</returns>
    public TimeZoneInfo? FindZone()
    {
        if (Zone.Length == 0)
            return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var zone) ? zone : null;
    }

    /// <summary>Whether the window is open, and until when it stays so or when it opens next. A time that the clocks of the place skip counts as
    /// the first one after it; of one that comes twice the first counts.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="zone">The rules of <see cref="Zone"/>.</param>
    public WindowState At(DateTimeOffset now, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var today = new DateTimeOffset(TimeZoneInfo.ConvertTime(now, zone).Date, TimeSpan.Zero);
        for (var ahead = -1; ahead <= DaysAhead; ahead++)
        {
            var day = today.AddDays(ahead);
            if (!Days.HasFlag(FlagOf(day.DayOfWeek)))
                continue;
            var opens = InstantOf(day, FromMinute, zone);
            var shuts = InstantOf(day, ToMinute > FromMinute ? ToMinute : ToMinute + MinutesOfDay, zone);
            if (shuts <= opens || shuts <= now)
                continue;
            return opens <= now ? new WindowState(true, shuts) : new WindowState(false, opens);
        }
        return new WindowState(false, now.AddDays(DaysAhead));
    }

    /// <summary>As in a manifest: <c>02:00-04:00 on Saturday, Sunday in Asia/Shanghai</c>.</summary>
    public override string ToString()
    {
        var days = Days == WeekDays.All ? "" : $" on {Days}";
        return $"{TimeText(FromMinute)}-{TimeText(ToMinute)}{days} in {(Zone.Length == 0 ? "UTC" : Zone)}";
    }

    /// <summary>A minute of a day as hours and minutes.</summary>
    public static string TimeText(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");

    private static WeekDays FlagOf(DayOfWeek day) => day == DayOfWeek.Sunday ? WeekDays.Sunday : (WeekDays)(1 << ((int)day - 1));

    /// <summary>The instant of a minute of a day, which stands for the calendar's day whatever its offset.</summary>
    private static DateTimeOffset InstantOf(DateTimeOffset day, int minute, TimeZoneInfo zone)
    {
        var local = day.Date.AddMinutes(minute);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }
}

/// <summary>What a window is at an instant.</summary>
/// <param name="IsOpen">True when a failback may begin.</param>
/// <param name="Until">When it shuts; for one that is shut, when it opens.</param>
public readonly record struct WindowState(bool IsOpen, DateTimeOffset Until);
