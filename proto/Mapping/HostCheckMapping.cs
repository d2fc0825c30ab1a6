using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A check of a host on the wire and in the model.</summary>
public static class HostCheckMapping
{
    private static readonly Model.HostCheck Defaults = new("");

    /// <summary>The message of a check, every field set but a weight that it does not have.</summary>
    public static V1.HostCheck ToProto(this Model.HostCheck check)
    {
        var proto = new V1.HostCheck
        {
            Name = check.Name,
            Ping = check.Ping,
            Link = check.Link,
            User = check.User,
            Interval = check.Interval.ToProto(),
            Timeout = check.Timeout.ToProto(),
            Rise = check.Rise,
            Fall = check.Fall,
            Reverse = check.Reverse,
            InitFail = check.InitFail,
        };
        proto.Exec.AddRange(check.Exec);
        if (check.Weight is { } weight)
            proto.Weight = weight;
        return proto;
    }

    /// <summary>The check of a message; what is absent takes its default. Nothing is validated here.</summary>
    public static Model.HostCheck ToModel(this V1.HostCheck check) => new(check.Name)
    {
        Ping = check.Ping,
        Exec = [.. check.Exec],
        Link = check.Link,
        User = check.User,
        Interval = check.Interval.ToModel(Defaults.Interval),
        Timeout = check.Timeout.ToModel(Defaults.Timeout),
        Rise = check.HasRise ? check.Rise : Defaults.Rise,
        Fall = check.HasFall ? check.Fall : Defaults.Fall,
        Weight = check.HasWeight ? check.Weight : null,
        Reverse = check.Reverse,
        InitFail = check.InitFail,
    };
}
