using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;

namespace HaGrpc.Agent.Peers;

/// <summary>Pings and promises on the wire and in the core.</summary>
internal static class PeerMapping
{
    /// <summary>F1.</summary>
    public static PromisePing ToProto(this PeerPing ping) => new()
    {
        Group = ping.Group,
        Epoch = ping.Epoch,
        ViewVersion = ping.ViewVersion,
        Seq = ping.Seq,
        Ttl = ping.Ttl.ToProto(),
    };

    /// <summary>F1; null when it names no time.</summary>
    public static PeerPing? ToModel(this PromisePing ping, Guid instance) => TimeOf(ping.Ttl) is { } ttl
        ? new(ping.Group, ping.Epoch, ping.ViewVersion, ping.Seq, instance, ttl)
        : null;

    /// <summary>F2.</summary>
    public static PromiseAnswer ToProto(this PeerPromise promise) => new()
    {
        Group = promise.Group,
        Epoch = promise.Epoch,
        Seq = promise.Seq,
        Ttl = promise.IsGiven ? promise.Ttl.ToProto() : null,
        Refusal = promise.Refusal,
    };

    /// <summary>F2. An answer without a time is no promise; one that is longer than asked for is taken for as long as asked for.</summary>
    public static PeerPromise ToModel(this PromiseAnswer answer, PeerPing asked)
    {
        if (answer.Refusal.Length > 0)
            return new(asked.Group, asked.Epoch, asked.Seq, asked.Instance, TimeSpan.Zero, answer.Refusal);
        return TimeOf(answer.Ttl) is { } ttl
            ? new(asked.Group, asked.Epoch, asked.Seq, asked.Instance, ttl < asked.Ttl ? ttl : asked.Ttl, "")
            : new(asked.Group, asked.Epoch, asked.Seq, asked.Instance, TimeSpan.Zero, "it names no time that it promises for");
    }

    private static TimeSpan? TimeOf(Duration? duration)
    {
        var time = duration?.ToModel(TimeSpan.Zero) ?? TimeSpan.Zero;
        return time > TimeSpan.Zero ? time : null;
    }
}
