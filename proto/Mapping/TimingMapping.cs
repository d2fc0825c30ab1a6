using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A group's times on the wire and in the model.</summary>
public static class TimingMapping
{
    /// <summary>The message of a group's times.</summary>
    public static V1.Timing ToProto(this Model.GroupTiming timing) => new()
    {
        Ttl = timing.Ttl.ToProto(),
        Heartbeat = timing.Heartbeat.ToProto(),
        TakeoverMargin = timing.TakeoverMargin.ToProto(),
        SoloTtl = timing.SoloTtl.ToProto(),
    };

    /// <summary>The times of a message. No message at all is the default profile; a single absent time is zero, which
    /// validation refuses: half a profile is a mistake, not a wish.</summary>
    public static Model.GroupTiming ToModel(this V1.Timing? timing) => timing is null
        ? Model.GroupTiming.Default
        : new(
            timing.Ttl.ToModel(TimeSpan.Zero),
            timing.Heartbeat.ToModel(TimeSpan.Zero),
            timing.TakeoverMargin.ToModel(TimeSpan.Zero))
        {
            SoloTtl = timing.SoloTtl.ToModel(Model.GroupTiming.Default.SoloTtl),
        };
}
