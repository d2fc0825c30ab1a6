using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>What happens to the group of a FATAL program, on the wire and in the model.</summary>
public static class FatalActionMapping
{
    /// <summary>The wire's value.</summary>
    public static V1.FatalAction ToProto(this Model.FatalAction action) => action switch
    {
        Model.FatalAction.Stay => V1.FatalAction.Stay,
        Model.FatalAction.RestartGroup => V1.FatalAction.RestartGroup,
        Model.FatalAction.FailOver => V1.FatalAction.FailOver,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not an action."),
    };

    /// <summary>The model's value; unspecified is <c>stay</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that this version does not know.</exception>
    public static Model.FatalAction ToModel(this V1.FatalAction action) => action switch
    {
        V1.FatalAction.Unspecified or V1.FatalAction.Stay => Model.FatalAction.Stay,
        V1.FatalAction.RestartGroup => Model.FatalAction.RestartGroup,
        V1.FatalAction.FailOver => Model.FatalAction.FailOver,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "An action of a newer version."),
    };
}
