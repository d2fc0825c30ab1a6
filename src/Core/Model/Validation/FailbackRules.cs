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
    }
}
