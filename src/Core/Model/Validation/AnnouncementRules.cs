namespace HaGrpc.Core.Model.Validation;

/// <summary>How often a group's VIPs are announced, and asked for, by the clock.</summary>
internal static class AnnouncementRules
{
    internal static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    internal static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    internal static void Check(TimeSpan interval, string path, ICollection<FieldError> errors)
    {
        if (interval != TimeSpan.Zero && (interval < Shortest || interval > Longest))
            errors.Add(new(path, DurationText.Format(interval),
                $"must be {DurationText.Format(Shortest)} to {DurationText.Format(Longest)}, or 0s for none by the clock"));
    }
}
