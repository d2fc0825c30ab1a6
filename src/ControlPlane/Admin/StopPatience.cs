using HaGrpc.ControlPlane.Leader;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>How long a planned change of owner may take.</summary>
internal static class StopPatience
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    /// <summary>The programs stop one after another: each may take its time, and a little is added for the rest.</summary>
    public static TimeSpan Of(Tenure tenure, string group)
    {
        var stops = tenure.Registry.Current.Programs.Where(p => p.Spec.Name.Group == group).Sum(p => p.Spec.StopTimeout.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(stops, Longest.TotalSeconds)) + Slack;
    }
}
