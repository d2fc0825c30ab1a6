using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;

namespace HaGrpc.ControlPlane.Rest;

/// <summary>
/// The operators' calls as JSON over HTTP (docs/adr/0036). The same methods behind the same gates: a request is read into the message that a gRPC call
/// would have brought, and nothing behind that knows which of both it was.
/// </summary>
internal static class RestSetup
{
    /// <summary>Where all of them are.</summary>
    public const string Prefix = "/v1";

    /// <summary>Where their description is.</summary>
    public const string DocumentPath = "/openapi.json";

    private const string Document = "openapi.json";

    /// <summary>Adds what the calls need.</summary>
    public static IGrpcServerBuilder AddRest(this IGrpcServerBuilder grpc)
    {
        grpc.Services.AddSingleton<RestAnswers>();
        return grpc.AddJsonTranscoding(options => options.TypeRegistry = RestDetails.Types);
    }

    /// <summary>True for a call that came as JSON.</summary>
    public static bool IsRest(this HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not null;

    /// <summary>Serves the description, and says what is not there.</summary>
    public static void MapRest(this WebApplication app)
    {
        app.MapMethods(DocumentPath, [HttpMethods.Get, HttpMethods.Head], static async context =>
        {
            await using var document = typeof(RestSetup).Assembly.GetManifestResourceStream(Document)!;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = document.Length;
            if (HttpMethods.IsGet(context.Request.Method))
                await document.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        app.MapFallback($"{Prefix}/{{**rest}}", static context => RestProblem.WriteAsync(
            context, StatusCodes.Status404NotFound, Grpc.Core.StatusCode.NotFound,
            $"there is no {context.Request.Method} {ForeignText.Visible(context.Request.Path, 200)}: {DocumentPath} describes what there is"));
    }
}
