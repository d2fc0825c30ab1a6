using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A program's restart policy on the wire and in the model.</summary>
public static class RestartPolicyMapping
{
    /// <summary>The wire's value of a restart policy.</summary>
    public static V1.RestartPolicy ToProto(this Model.RestartPolicy policy) => policy switch
    {
        Model.RestartPolicy.Always => V1.RestartPolicy.Always,
        Model.RestartPolicy.Unexpected => V1.RestartPolicy.Unexpected,
        Model.RestartPolicy.Never => V1.RestartPolicy.Never,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Not a restart policy."),
    };

    /// <summary>The restart policy of a wire value; unspecified is <c>unexpected</c>, Supervisor's default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that this version does not know.</exception>
    public static Model.RestartPolicy ToModel(this V1.RestartPolicy policy) => policy switch
    {
        V1.RestartPolicy.Always => Model.RestartPolicy.Always,
        V1.RestartPolicy.Unspecified or V1.RestartPolicy.Unexpected => Model.RestartPolicy.Unexpected,
        V1.RestartPolicy.Never => Model.RestartPolicy.Never,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "A restart policy of a newer version."),
    };
}
