using System.Globalization;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests;

/// <summary>The <c>window</c> of a failback policy: <c>"02:00-04:00"</c>, or <c>{from, to, zone, days}</c>.</summary>
internal static class WindowSection
{
    private const string Right = "write times of day as in \"02:00-04:00\", 00:00 to 23:59, in quotes";

    internal static FailbackWindow? Read(MapReader failback)
    {
        switch (failback.Node("window"))
        {
            case null:
                return null;
            case YamlScalar { IsNull: false } scalar:
                if (scalar.Text.Split('-') is [var opens, var shuts] && TryMinute(opens, out var from) && TryMinute(shuts, out var to))
                    return new() { FromMinute = from, ToMinute = to };
                failback.Wrong("window", scalar, Right);
                return null;
            default:
                return failback.Map("window") is { } map ? OfFields(map) : null;
        }
    }

    private static FailbackWindow? OfFields(MapReader map)
    {
        map.Missing("from", "missing: when it opens, such as \"02:00\"");
        map.Missing("to", "missing: when it shuts, such as \"04:00\"");
        var (from, to) = (Minute(map, "from"), Minute(map, "to"));
        var window = new FailbackWindow { FromMinute = from ?? 0, ToMinute = to ?? 0, Zone = map.Text("zone") ?? "" };
        window.Days.AddRange(map.Choices(
            "days",
            ("mon", WeekDay.Monday),
            ("tue", WeekDay.Tuesday),
            ("wed", WeekDay.Wednesday),
            ("thu", WeekDay.Thursday),
            ("fri", WeekDay.Friday),
            ("sat", WeekDay.Saturday),
            ("sun", WeekDay.Sunday)));
        map.RefuseOthers();
        return from is null || to is null ? null : window;
    }

    private static int? Minute(MapReader map, string field)
    {
        if (map.Text(field) is not { } text)
            return null;
        if (TryMinute(text, out var minute))
            return minute;
        map.Wrong(field, map.Node(field)!, "not a time of day; write 00:00 to 23:59, in quotes");
        return null;
    }

    private static bool TryMinute(string text, out int minute)
    {
        var isTime = TimeOnly.TryParseExact(text.Trim(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        minute = (int)(time.Ticks / TimeSpan.TicksPerMinute);
        return isTime;
    }
}
