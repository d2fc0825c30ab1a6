using Grpc.Core;

namespace HaGrpc.Agent.Uplink;

/// <summary>The first message of a call, which may find that the call is already over.</summary>
internal static class FirstMessage
{
    /// <summary>Writes it. That the call has ended is no error of the writer: it knows only that it could not write, that the write was cancelled, or
    /// the words of the layer below, and the reader is told the status.</summary>
    /// <typeparam name="T">The message.</typeparam>
    /// <param name="stream">Of a call that was just begun.</param>
    /// <param name="message">What to write.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcException">The call has failed, with its status.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public static async Task WriteAsync<T>(IClientStreamWriter<T> stream, T message, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(message, cancellation);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException
            || (e is RpcException { StatusCode: StatusCode.OK or StatusCode.Cancelled } && !cancellation.IsCancellationRequested))
        {
            // Reading tells why.
        }
    }
}
