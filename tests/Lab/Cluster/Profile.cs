using HaGrpc.Core.Model;

namespace HaGrpc.Lab.Cluster;

/// <summary>A named set of ownership times (docs/ownership-protocol.md).</summary>
internal sealed record Profile(string Name, GroupTiming Timing)
{
    public static Profile Parse(string name) => name switch
    {
        "default" => new(name, GroupTiming.Default),
        "fast" => new(name, GroupTiming.Fast),
        "calm" => new(name, GroupTiming.Calm),
        _ => throw new ArgumentException($"unknown profile '{name}': default, fast or calm", nameof(name)),
    };

    /// <summary>Bound of a wait for something that a lease's end brings about.</summary>
    public TimeSpan Takeover => (3 * (Timing.Ttl + Timing.TakeoverMargin)) + TimeSpan.FromSeconds(10);
}
