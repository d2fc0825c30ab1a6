using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A program's desired state on the wire and in the model.</summary>
public static class DesiredStateMapping
{
    /// <summary>The wire's value of a desired state.</summary>
    public static V1.DesiredState ToProto(this Model.DesiredState state) => state switch
    {
        Model.DesiredState.Running => V1.DesiredState.Running,
        Model.DesiredState.Stopped => V1.DesiredState.Stopped,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a desired state."),
    };

    /// <summary>The desired state of a wire value. Unspecified is null, and the caller decides: in an ApplyRequest it
    /// means "keep what the operator last asked for; running when new".</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that this version does not know.</exception>
    public static Model.DesiredState? ToModel(this V1.DesiredState state) => state switch
    {
        V1.DesiredState.Unspecified => null,
        V1.DesiredState.Running => Model.DesiredState.Running,
        V1.DesiredState.Stopped => Model.DesiredState.Stopped,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "A desired state of a newer version."),
    };
}
