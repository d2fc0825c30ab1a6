using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>An error in a request on the wire and in the model.</summary>
public static class FieldErrorMapping
{
    /// <summary>The message of an error.</summary>
    public static V1.FieldError ToProto(this Model.FieldError error) =>
        new() { Path = error.Path, Value = error.Value, Message = error.Message };

    /// <summary>The error of a message.</summary>
    public static Model.FieldError ToModel(this V1.FieldError error) => new(error.Path, error.Value, error.Message);
}
