using System.Text.Json.Serialization;
using Grpc.Core;

namespace HaGrpc.ControlPlane.Rest;

/// <summary>What a refusal looks like: the same for those of calls, which the transcoding writes, and for those of the way to them.</summary>
/// <param name="Code">The number of the gRPC status.</param>
/// <param name="Message">For the operator.</param>
/// <param name="Details">Always empty.</param>
internal sealed record RestProblem(int Code, string Message, string[] Details)
{
    /// <summary>Answers with one.</summary>
    public static Task WriteAsync(HttpContext http, int httpStatus, StatusCode status, string message)
    {
        http.Response.StatusCode = httpStatus;
        return http.Response.WriteAsJsonAsync(new((int)status, message, []), RestJson.Default.RestProblem, cancellationToken: http.RequestAborted);
    }
}

/// <summary>JSON of refusals.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RestProblem))]
internal sealed partial class RestJson : JsonSerializerContext;
