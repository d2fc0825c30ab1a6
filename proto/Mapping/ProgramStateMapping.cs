using Model = HaGrpc.Core.Supervision;

namespace HaGrpc.Contracts;

/// <summary>A program's observed state on the wire and in the model.</summary>
public static class ProgramStateMapping
{
    /// <summary>The wire's value of a state.</summary>
    public static V1.ProgramState ToProto(this Model.ProgramState state) => state switch
    {
        Model.ProgramState.Stopped => V1.ProgramState.Stopped,
        Model.ProgramState.Starting => V1.ProgramState.Starting,
        Model.ProgramState.Running => V1.ProgramState.Running,
        Model.ProgramState.Backoff => V1.ProgramState.Backoff,
        Model.ProgramState.Stopping => V1.ProgramState.Stopping,
        Model.ProgramState.Exited => V1.ProgramState.Exited,
        Model.ProgramState.Fatal => V1.ProgramState.Fatal,
        Model.ProgramState.Unknown => V1.ProgramState.Unknown,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a program state."),
    };

    /// <summary>The state of a wire value. A value of a newer agent is UNKNOWN rather than an error: it is a report,
    /// not a wish, and the programs beside it must still be shown. Unspecified is STOPPED: nothing was reported.</summary>
    public static Model.ProgramState ToModel(this V1.ProgramState state) => state switch
    {
        V1.ProgramState.Unspecified or V1.ProgramState.Stopped => Model.ProgramState.Stopped,
        V1.ProgramState.Starting => Model.ProgramState.Starting,
        V1.ProgramState.Running => Model.ProgramState.Running,
        V1.ProgramState.Backoff => Model.ProgramState.Backoff,
        V1.ProgramState.Stopping => Model.ProgramState.Stopping,
        V1.ProgramState.Exited => Model.ProgramState.Exited,
        V1.ProgramState.Fatal => Model.ProgramState.Fatal,
        _ => Model.ProgramState.Unknown,
    };
}
