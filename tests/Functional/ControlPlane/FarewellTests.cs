using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>How a stream ends for the log: gRPC calls what a handler throws an error, but not that it was cancelled.</summary>
public sealed class FarewellTests
{
    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(IOException))]
    public async Task Who_goes_while_something_is_written_to_him_is_no_error(Type thrown)
    {
        using var gone = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => WatchAsync(gone, () =>
        {
            gone.Cancel();
            throw (Exception)Activator.CreateInstance(thrown, "Can't write the message because the request is complete.")!;
        }));
    }

    [Fact]
    public async Task What_fails_while_somebody_listens_is_one()
    {
        using var there = new CancellationTokenSource();
        await Should.ThrowAsync<InvalidOperationException>(() => WatchAsync(there, () => throw new InvalidOperationException("a mistake")));
    }

    private static Task WatchAsync(CancellationTokenSource reader, Func<Task> act) =>
        new Farewell().ServerStreamingServerHandler<WatchEventsRequest, WatchEventsResponse>(new(), null!, new Call(reader.Token), (_, _, _) => act());

    /// <summary>A call of which nothing matters but whether it is still there.</summary>
    private sealed class Call(CancellationToken gone) : ServerCallContext
    {
        protected override string MethodCore => "/hagrpc.v1.AdminService/WatchEvents";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => gone;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => new(null, []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
