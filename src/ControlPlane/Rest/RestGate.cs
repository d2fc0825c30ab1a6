using System.Net;
using Grpc.Core;
using HaGrpc.ControlPlane.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace HaGrpc.ControlPlane.Rest;

/// <summary>
/// What stands between JSON calls and the gates of all calls. JSON can be sent by what cannot speak gRPC: by browsers, on behalf of whatever page is
/// open. None of them is let through, and where no certificate can be asked for there is nothing to call.
/// </summary>
internal sealed class RestGate(RequestDelegate next)
{
    /// <summary>As much as a gRPC message may have.</summary>
    public const long LargestBody = 4 << 20;

    private const string Origin = "Origin", FetchSite = "Sec-Fetch-Site";

    /// <summary>Passes a request on, or refuses it.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!http.IsRest())
            return next(http);
        if (Obstacle(http) is var (status, code, message))
            return RestProblem.WriteAsync(http, status, code, message);
        if (http.Request.ContentLength > LargestBody)
        {
            return RestProblem.WriteAsync(http, StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted,
                $"the body has {http.Request.ContentLength} bytes; it may have {LargestBody}");
        }
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = LargestBody;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return next(http);
    }

    private static (int, StatusCode, string)? Obstacle(HttpContext http)
    {
        if (http.Features.Get<ProbesOnly>() is not null)
        {
            return (StatusCodes.Status421MisdirectedRequest, StatusCode.FailedPrecondition,
                "this listener is for probes: the API is where gRPC is (--listen-grpc)");
        }
        if (http.Request.Headers.ContainsKey(Origin) || http.Request.Headers[FetchSite].ToString() is not ("" or "none"))
            return (StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, "calls from pages in a browser are not answered");
        // A page whose name was made to mean this machine sends its own name.
        if (!http.Request.IsHttps && http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local) && !IsThisMachine(http.Request.Host.Host))
        {
            return (StatusCodes.Status403Forbidden, StatusCode.PermissionDenied,
                "this listener is this machine's own: call it localhost or by its address");
        }
        // What a form sends is text/plain or urlencoded, without asking.
        var hasBody = http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0;
        return hasBody && !http.Request.HasJsonContentType()
            ? (StatusCodes.Status415UnsupportedMediaType, StatusCode.InvalidArgument, "content-type must be application/json")
            : null;
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
