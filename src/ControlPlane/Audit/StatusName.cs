using System.Text;
using Grpc.Core;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>gRPC statuses as everybody but .NET writes them: <c>FAILED_PRECONDITION</c>.</summary>
internal static class StatusName
{
    /// <summary>The name of a status.</summary>
    public static string Of(StatusCode code)
    {
        if (code == StatusCode.OK)
            return nameof(StatusCode.OK);
        var text = new StringBuilder();
        foreach (var c in code.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToUpperInvariant(c));
        }
        return text.ToString();
    }
}
