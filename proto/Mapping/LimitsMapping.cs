using System.Collections.Immutable;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A program's limits on the wire and in the model.</summary>
public static class LimitsMapping
{
    /// <summary>The message of limits; what is null in them stays absent.</summary>
    public static V1.Limits ToProto(this Model.Limits limits)
    {
        var proto = new V1.Limits();
        foreach (var (name, limit) in limits.Rlimits)
            proto.Rlimits[name] = limit.ToProto();
        if (limits.Nice is { } nice)
            proto.Nice = nice;
        if (limits.OomScoreAdj is { } score)
            proto.OomScoreAdj = score;
        if (limits.Memory is { } memory)
            proto.Memory = memory;
        if (limits.MemorySwap is { } swap)
            proto.MemorySwap = swap;
        if (limits.CpuMillis is { } cpu)
            proto.CpuMillis = cpu;
        if (limits.Pids is { } pids)
            proto.Pids = pids;
        return proto;
    }

    /// <summary>The message of one limit; unlimited is absent.</summary>
    public static V1.ResourceLimit ToProto(this Model.ResourceLimit limit)
    {
        var proto = new V1.ResourceLimit();
        if (limit.Soft is { } soft)
            proto.Soft = soft;
        if (limit.Hard is { } hard)
            proto.Hard = hard;
        return proto;
    }

    /// <summary>The limits of a message; none are null.</summary>
    public static Model.Limits? ToModel(this V1.Limits? limits) => limits is null ? null : new()
    {
        Rlimits = limits.Rlimits.ToImmutableSortedDictionary(
            pair => pair.Key,
            pair => new Model.ResourceLimit(pair.Value.HasSoft ? pair.Value.Soft : null, pair.Value.HasHard ? pair.Value.Hard : null),
            StringComparer.Ordinal),
        Nice = limits.HasNice ? limits.Nice : null,
        OomScoreAdj = limits.HasOomScoreAdj ? limits.OomScoreAdj : null,
        Memory = limits.HasMemory ? limits.Memory : null,
        MemorySwap = limits.HasMemorySwap ? limits.MemorySwap : null,
        CpuMillis = limits.HasCpuMillis ? limits.CpuMillis : null,
        Pids = limits.HasPids ? limits.Pids : null,
    };
}
