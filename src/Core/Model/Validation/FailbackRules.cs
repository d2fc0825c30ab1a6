namespace HaGrpc.Core.Model.Validation;

/// <summary>A group's failback policy.</summary>
internal static class FailbackRules
{
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    internal static void Check(Failback failback, string path, ICollection<FieldError> errors)
    {
        var delay = DurationText.Format(failback.Delay);
        if (failback.Delay < TimeSpan.Zero || failback.Delay > LongestDelay)
            errors.Add(new($"{path}.delay", delay, $"must be 0s to {DurationText.Format(LongestDelay)}"));
        else if (failback.Mode == FailbackMode.Manual && failback.Delay != TimeSpan.Zero)
            errors.Add(new($"{path}.delay", delay, "manual failback has no delay: leave it out, or use mode automatic"));
        if (failback.Window is { } window)
            CheckWindow(window, failback.Mode, $"{path}.window", errors);
    }

    private static void CheckWindow(FailbackWindow window, FailbackMode mode, string path, ICollection<FieldError> errors)
    {
        var shown = window.ToString();
        if (mode == FailbackMode.Manual)
            errors.Add(new(path, shown, "manual failback has no window: leave it out, or use mode automatic"));
        if (window.FromMinute is < 0 or >= FailbackWindow.MinutesOfDay || window.ToMinute is < 0 or >= FailbackWindow.MinutesOfDay)
            errors.Add(new(path, shown, "times of day are 00:00 to 23:59"));
        else if (window.FromMinute == window.ToMinute)
            errors.Add(new(path, shown, "opens and shuts at the same time: leave it out to fail back at any time"));
        if ((window.Days & WeekDays.All) == WeekDays.None || (window.Days & ~WeekDays.All) != WeekDays.None)
            errors.Add(new(path, shown, "opens on one day of the week or more"));
        if (window.FindZone() is null)
        {
            errors.Add(new($"{path}.zone", window.Zone,
                "not a time zone that this machine knows: write one such as Asia/Shanghai, or leave it out for UTC"));
        }
    }
}
