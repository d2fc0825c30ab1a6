using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A failback policy on the wire and in the model.</summary>
public static class FailbackMapping
{
    /// <summary>The message of a failback policy.</summary>
    public static V1.Failback ToProto(this Model.Failback failback) =>
        new() { Mode = failback.Mode.ToProto(), Delay = failback.Delay.ToProto(), Window = failback.Window?.ToProto() };

    /// <summary>The failback policy of a message; none at all is manual.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mode, or a day, is one that this version does not know.</exception>
    public static Model.Failback ToModel(this V1.Failback? failback) => failback is null
        ? new(Model.FailbackMode.Manual, TimeSpan.Zero)
        : new(failback.Mode.ToModel(), failback.Delay.ToModel(TimeSpan.Zero)) { Window = failback.Window?.ToModel() };

    /// <summary>The wire's value of a failback mode.</summary>
    public static V1.FailbackMode ToProto(this Model.FailbackMode mode) => mode switch
    {
        Model.FailbackMode.Manual => V1.FailbackMode.Manual,
        Model.FailbackMode.Automatic => V1.FailbackMode.Automatic,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a failback mode."),
    };

    /// <summary>The failback mode of a wire value; unspecified is manual.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that this version does not know.</exception>
    public static Model.FailbackMode ToModel(this V1.FailbackMode mode) => mode switch
    {
        V1.FailbackMode.Unspecified or V1.FailbackMode.Manual => Model.FailbackMode.Manual,
        V1.FailbackMode.Automatic => Model.FailbackMode.Automatic,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "A failback mode of a newer version."),
    };
}
