using Grpc.Core;
using HaGrpc.Core.Model.Validation;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Texts of requests that are no part of the model, which validates its own.</summary>
internal static class RequestText
{
    /// <summary>Refuses what a line of the history cannot hold.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT, with the field and what would be right.</exception>
    public static void Check(string field, string text)
    {
        if (TextRules.OneLineProblem(text) is { } problem)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"{field}: {problem}"));
    }
}
