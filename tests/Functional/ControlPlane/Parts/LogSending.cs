using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>An agent's call that sends logs, written by a test.</summary>
internal sealed class LogSending(GrpcChannel channel) : IDisposable
{
    public AsyncClientStreamingCall<SendLogsRequest, SendLogsResponse> Call { get; } = new AgentService.AgentServiceClient(channel).SendLogs();

    /// <summary>A piece of the first log, behind which the reader stands at its length.</summary>
    public Task TextAsync(string text, long offset = 0) => Call.RequestStream.WriteAsync(new()
    {
        Chunk = new() { Data = ByteString.CopyFromUtf8(text), Position = new() { File = "f", Offset = offset } },
    });

    public async Task FinishAsync()
    {
        await Call.RequestStream.CompleteAsync();
        await Call.ResponseAsync;
    }

    public void Dispose()
    {
        Call.Dispose();
        channel.Dispose();
    }
}
