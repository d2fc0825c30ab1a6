using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>The window of a failback policy on the wire and in the model.</summary>
public static class FailbackWindowMapping
{
    private static readonly (Model.WeekDays Flag, V1.WeekDay Day)[] Week =
    [
        (Model.WeekDays.Monday, V1.WeekDay.Monday),
        (Model.WeekDays.Tuesday, V1.WeekDay.Tuesday),
        (Model.WeekDays.Wednesday, V1.WeekDay.Wednesday),
        (Model.WeekDays.Thursday, V1.WeekDay.Thursday),
        (Model.WeekDays.Friday, V1.WeekDay.Friday),
        (Model.WeekDays.Saturday, V1.WeekDay.Saturday),
        (Model.WeekDays.Sunday, V1.WeekDay.Sunday),
    ];

    /// <summary>The message of a window.</summary>
    public static V1.FailbackWindow ToProto(this Model.FailbackWindow window)
    {
        var proto = new V1.FailbackWindow { FromMinute = window.FromMinute, ToMinute = window.ToMinute, Zone = window.Zone };
        proto.Days.AddRange(Week.Where(w => window.Days.HasFlag(w.Flag)).Select(w => w.Day));
        return proto;
    }

    /// <summary>The window of a message; no days are all days. Nothing is validated here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A day that this version does not know.</exception>
    public static Model.FailbackWindow ToModel(this V1.FailbackWindow window)
    {
        var days = Model.WeekDays.None;
        foreach (var day in window.Days)
        {
            var known = Week.FirstOrDefault(w => w.Day == day).Flag;
            days |= known != Model.WeekDays.None
                ? known
                : throw new ArgumentOutOfRangeException(nameof(window), day, "A day of a newer version.");
        }
        return new(window.FromMinute, window.ToMinute, window.Zone, window.Days.Count == 0 ? Model.WeekDays.All : days);
    }
}
