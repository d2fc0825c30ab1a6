using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A check on the wire and in the model.</summary>
public static class CheckMapping
{
    private static readonly Model.Check Defaults = new(Model.CheckKind.Tcp, "");

    /// <summary>The message of a check, every field set.</summary>
    public static V1.Check ToProto(this Model.Check check) => new()
    {
        Kind = check.Kind switch
        {
            Model.CheckKind.Http => V1.CheckKind.Http,
            Model.CheckKind.Tcp => V1.CheckKind.Tcp,
            Model.CheckKind.Exec => V1.CheckKind.Exec,
            Model.CheckKind.Grpc => V1.CheckKind.Grpc,
            Model.CheckKind.Notify => V1.CheckKind.Notify,
            _ => throw new ArgumentOutOfRangeException(nameof(check), check.Kind, "Not a kind of check."),
        },
        Target = check.Target,
        Interval = check.Interval.ToProto(),
        Timeout = check.Timeout.ToProto(),
        Rise = check.Rise,
        Fall = check.Fall,
        StartPeriod = check.StartPeriod.ToProto(),
    };

    /// <summary>The check of a message; what is absent takes its default, none is null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No kind, or one that this version does not know.</exception>
    public static Model.Check? ToModel(this V1.Check? check) => check is null ? null : new(check.Kind.ToModel(), check.Target)
    {
        Interval = check.Interval.ToModel(Defaults.Interval),
        Timeout = check.Timeout.ToModel(Defaults.Timeout),
        Rise = check.HasRise ? check.Rise : Defaults.Rise,
        Fall = check.HasFall ? check.Fall : Defaults.Fall,
        StartPeriod = check.StartPeriod.ToModel(Defaults.StartPeriod),
    };

    /// <summary>The kind of a wire value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Unspecified, or a value that this version does not know.</exception>
    public static Model.CheckKind ToModel(this V1.CheckKind kind) => kind switch
    {
        V1.CheckKind.Http => Model.CheckKind.Http,
        V1.CheckKind.Tcp => Model.CheckKind.Tcp,
        V1.CheckKind.Exec => Model.CheckKind.Exec,
        V1.CheckKind.Grpc => Model.CheckKind.Grpc,
        V1.CheckKind.Notify => Model.CheckKind.Notify,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of check of a newer version."),
    };
}
