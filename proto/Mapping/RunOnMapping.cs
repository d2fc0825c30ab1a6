using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>Which members run a program, on the wire and in the model.</summary>
public static class RunOnMapping
{
    /// <summary>The wire's value.</summary>
    public static V1.RunOn ToProto(this Model.RunOn runOn) => runOn switch
    {
        Model.RunOn.Owner => V1.RunOn.Owner,
        Model.RunOn.All => V1.RunOn.All,
        _ => throw new ArgumentOutOfRangeException(nameof(runOn), runOn, "Not a choice of members."),
    };

    /// <summary>The model's value; unspecified is the owner.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that this version does not know.</exception>
    public static Model.RunOn ToModel(this V1.RunOn runOn) => runOn switch
    {
        V1.RunOn.Unspecified or V1.RunOn.Owner => Model.RunOn.Owner,
        V1.RunOn.All => Model.RunOn.All,
        _ => throw new ArgumentOutOfRangeException(nameof(runOn), runOn, "A choice of members of a newer version."),
    };
}
