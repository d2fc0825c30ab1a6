using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Agent.Uplink;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>What an agent learns from a call that ends before its first message.</summary>
public sealed class FirstMessageTests
{
    /// <summary>A control plane that is killed while an agent connects: whichever step the reset meets, the agent is told that it is out of
    /// reach, by a status, and never by the words of a layer below, which it takes for a broken protocol.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60)]
    public async Task A_connection_that_is_reset_is_told_by_the_calls_status(int afterBytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = ResetAsync(listener, afterBytes, stop.Token);

        for (var i = 0; i < 100; i++)
        {
            using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
            using var call = new AgentService.AgentServiceClient(channel).Attach();
            var failure = await Should.ThrowAsync<RpcException>(async () =>
            {
                await FirstMessage.WriteAsync(call.RequestStream, new AttachRequest { Hello = AgentDouble.HelloOf("a") }, CancellationToken.None);
                await call.ResponseStream.MoveNext();
            });
            failure.StatusCode.ShouldBeOneOf(StatusCode.Unavailable, StatusCode.Internal);
        }
        await stop.CancelAsync();
        await serving;
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task What_a_writer_cannot_know_is_left_to_the_reader(Type thrown)
    {
        var exception = (Exception)Activator.CreateInstance(thrown, "the connection is gone")!;
        await FirstMessage.WriteAsync(new Failing(exception), new AttachRequest(), CancellationToken.None);
    }

    [Fact]
    public async Task A_status_and_the_end_of_the_callers_patience_are_passed_on()
    {
        var refused = new RpcException(new(StatusCode.PermissionDenied, "no"));
        (await Should.ThrowAsync<RpcException>(() => FirstMessage.WriteAsync(new Failing(refused), new AttachRequest(), CancellationToken.None)))
            .ShouldBe(refused);
        await Should.ThrowAsync<OperationCanceledException>(
            () => FirstMessage.WriteAsync(new Failing(new OperationCanceledException()), new AttachRequest(), CancellationToken.None));
    }

    private static async Task ResetAsync(TcpListener listener, int afterBytes, CancellationToken stop)
    {
        var buffer = new byte[4096];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = await listener.AcceptSocketAsync(stop);
                for (var read = 0; read < afterBytes;)
                {
                    var more = await socket.ReceiveAsync(buffer, stop);
                    if (more == 0)
                        break;
                    read += more;
                }
                socket.LingerState = new(enable: true, seconds: 0);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed class Failing(Exception exception) : IClientStreamWriter<AttachRequest>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(AttachRequest message) => Task.FromException(exception);

        public Task WriteAsync(AttachRequest message, CancellationToken cancellationToken) => Task.FromException(exception);

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
