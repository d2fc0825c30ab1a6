using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>What a limit of setrlimit(2) counts.</summary>
public enum ResourceUnit
{
    /// <summary>Things.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Microseconds.</summary>
    Microseconds,
}

/// <summary>The limits of setrlimit(2) that can be set: their names without <c>RLIMIT_</c>, in small letters.</summary>
public static class ResourceNames
{
    /// <summary>Every name, with what it counts. <c>nice</c>, <c>rss</c> and <c>locks</c> are left out: the first is a limit of what a
    /// program may do to itself, the other two do nothing on Linux.</summary>
    public static ImmutableSortedDictionary<string, ResourceUnit> Units { get; } = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, ResourceUnit>
        {
            ["as"] = ResourceUnit.Bytes,
            ["core"] = ResourceUnit.Bytes,
            ["cpu"] = ResourceUnit.Seconds,
            ["data"] = ResourceUnit.Bytes,
            ["fsize"] = ResourceUnit.Bytes,
            ["memlock"] = ResourceUnit.Bytes,
            ["msgqueue"] = ResourceUnit.Bytes,
            ["nofile"] = ResourceUnit.Count,
            ["nproc"] = ResourceUnit.Count,
            ["rtprio"] = ResourceUnit.Count,
            ["rttime"] = ResourceUnit.Microseconds,
            ["sigpending"] = ResourceUnit.Count,
            ["stack"] = ResourceUnit.Bytes,
        });
}
