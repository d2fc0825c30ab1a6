using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.Kernel;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>The real process and real signals.</summary>
public sealed class ShutdownTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-shutdown-");

    private string Database => Path.Combine(_folder.FullName, "plane.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task SIGTERM_tells_every_stream_gives_the_leadership_back_and_is_no_failure()
    {
        await using var process = await StartAsync();
        var url = await UrlAsync(process);
        using var channel = GrpcChannel.ForAddress(url);
        var admin = new AdminService.AdminServiceClient(channel);
        (await admin.ApplyAsync(Models.Web())).Errors.ShouldBeEmpty();
        await using var agent = await AgentDouble.AttachAsync(url, "a");
        using var watch = admin.WatchEvents(new());
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();

        process.Signal(Libc.SigTerm);

        var attached = await agent.EndAsync();
        (attached.StatusCode, attached.Detail).ShouldBe(
            (StatusCode.Unavailable, "this control plane does not lead any more: it is shutting down"));
        var watched = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
                // What was stored before.
            }
        });
        watched.Status.Detail.ShouldBe("this control plane serves no more: it is shutting down");
        (await process.ExitCodeAsync()).ShouldBe(0, process.Output);
        process.Output.ShouldNotContain("xception");
        await using var store = Store.Open(new() { Sqlite = Database }, TimeProvider.System);
        var leadership = await store.Leadership.ReadAsync();
        (leadership.Term, leadership.Holder).ShouldBe((1, ""));
    }

    [Fact]
    public async Task A_client_that_does_not_let_go_holds_nothing_up_for_ever()
    {
        await using var process = await StartAsync();
        using var channel = GrpcChannel.ForAddress(await UrlAsync(process));
        using var stubborn = await OpenReflectionAsync(channel);

        process.Signal(Libc.SigTerm);

        (await process.ExitCodeAsync()).ShouldBe(0, process.Output);
        process.Output.ShouldNotContain("xception");
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once_and_the_next_one_leads_without_waiting()
    {
        await using var process = await StartAsync();
        using var channel = GrpcChannel.ForAddress(await UrlAsync(process));
        using var stubborn = await OpenReflectionAsync(channel);

        process.Signal(Libc.SigTerm);
        process.Signal(Libc.SigInt); // Another number: two of the same may arrive as one.

        (await process.ExitCodeAsync()).ShouldBeOneOf(143, 130);
        await using var next = await StartAsync();
        (await next.LineAsync("leads, term 2")).ShouldMatch("the former leader released it|is gone");
    }

    [Fact]
    public async Task A_service_manager_is_told_that_it_listens_and_that_it_is_ending()
    {
        using var manager = new ServiceSocket();
        await using var process = RunningProcess.Start(
            "ha-controlplane", null, new Dictionary<string, string> { ["NOTIFY_SOCKET"] = manager.Path },
            "--listen-grpc=127.0.0.1:0", "--listen-http=127.0.0.1:0", $"--sqlite={Database}");
        (await manager.NextAsync()).ShouldBe("READY=1");
        _ = await UrlAsync(process);
        process.Signal(Libc.SigTerm);
        (await manager.NextAsync()).ShouldBe("STOPPING=1");
        (await process.ExitCodeAsync()).ShouldBe(0, process.Output);
    }

    private static async Task<AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse>> OpenReflectionAsync(GrpcChannel channel)
    {
        var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new() { ListServices = "" });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        return call;
    }

    private static async Task<string> UrlAsync(RunningProcess process) =>
        (await process.LineAsync("Now listening on: ")).Split("on: ")[1].Trim();

    private async Task<RunningProcess> StartAsync()
    {
        var process = RunningProcess.Start(
            "ha-controlplane", "--listen-grpc=127.0.0.1:0", "--listen-http=127.0.0.1:0", $"--sqlite={Database}");
        await process.LineAsync("serves agents and hactl");
        return process;
    }
}
