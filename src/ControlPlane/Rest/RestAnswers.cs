using Grpc.Core;
using Grpc.Core.Interceptors;
using HaGrpc.ControlPlane.Leader;
using Microsoft.Net.Http.Headers;

namespace HaGrpc.ControlPlane.Rest;

/// <summary>Says to callers by JSON what gRPC has trailers for: where the leader is. It is a header and no redirection: an address that came over the
/// wire says where among the known ones to look first, and not whom to hand a token to.</summary>
internal sealed class RestAnswers : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (RpcException e)
        {
            Tell(context, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (RpcException e)
        {
            Tell(context, e);
            throw;
        }
    }

    private static void Tell(ServerCallContext context, RpcException e)
    {
        var http = context.GetHttpContext();
        if (!http.IsRest() || http.Response.HasStarted)
            return;
        foreach (var entry in e.Trailers.Where(t => t.Key is LeaderSeat.LeaderKey or LeaderSeat.TermKey))
            http.Response.Headers[entry.Key] = entry.Value;
        if (e.StatusCode == StatusCode.Unauthenticated)
            http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
    }
}
