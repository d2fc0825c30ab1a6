using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>How long something has been so, as nobody wants to know it more exactly: <c>40s</c>, <c>7m</c>, <c>2h5m</c>.</summary>
public static class AgeText
{
    /// <summary>The text.</summary>
    public static string Of(TimeSpan age)
    {
        var unit = age < TimeSpan.FromMinutes(1) ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMinute;
        return DurationText.Format(new TimeSpan(age.Ticks / unit * unit));
    }
}
