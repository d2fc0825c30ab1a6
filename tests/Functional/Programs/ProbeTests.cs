using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using HaGrpc.Agent.Checks;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Questions that meet what nobody had in mind.</summary>
public sealed class ProbeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/health")]
    [InlineData("http://")]
    [InlineData("127.0.0.1:80")]
    [InlineData("http://127.0.0.1:99999/")]
    [InlineData("http://a b/")]
    [InlineData("")]
    public async Task A_url_that_a_host_has_made_of_an_expansion_is_a_bad_answer_whatever_it_is(string target) =>
        (await Probe.AskAsync(new Check(CheckKind.Http, target), TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken))
            .ShouldNotBeNull().ShouldStartWith(target + ": ");

    [Theory]
    [InlineData("a b:80")]
    [InlineData("[::1:80")]
    [InlineData("x/y:80")]
    [InlineData("a@b:80")]
    [InlineData("%zz:80")]
    [InlineData(":80")]
    public async Task So_is_an_address_of_grpc_or_tcp(string target)
    {
        foreach (var kind in (CheckKind[])[CheckKind.Grpc, CheckKind.Tcp])
        {
            (await Probe.AskAsync(new Check(kind, target), TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken))
                .ShouldNotBeNull().ShouldStartWith(target + ": ");
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", null)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx", null)]
    [InlineData("HTTP/1.0 200 OK\n\n", null)]
    [InlineData("HTTP/1.1 503 Out of order\r\nContent-Length: 0\r\n\r\n", "answered 503 Out of order")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Bad\r\n\r\n", "answered 500 Bad")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n", "")]
    [InlineData("", "")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "")]
    public async Task An_answer_is_judged_by_its_first_line(string answer, string? problem)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            listener.Stop();
            var stream = client.GetStream();
            var asked = new byte[4096];
            _ = await stream.ReadAsync(asked);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        }, TestContext.Current.CancellationToken);
        var said = await Probe.AskAsync(new Check(CheckKind.Http, target) { Timeout = Limit }, TestContext.Current.CancellationToken)
            .WaitAsync(Limit, TestContext.Current.CancellationToken);
        await served;
        if (problem is null)
            said.ShouldBeNull();
        else
            said.ShouldNotBeNull().ShouldStartWith($"{target}: {problem}");
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_named_as_the_reason()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var secured = new SslStream(client.GetStream());
            await Should.ThrowAsync<Exception>(async () =>
            {
                await secured.AuthenticateAsServerAsync(certificate);
                _ = await secured.ReadAtLeastAsync(new byte[1], 1);
            });
        }, TestContext.Current.CancellationToken);
        var target = $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        (await Probe.AskAsync(new Check(CheckKind.Http, target) { Timeout = Limit }, TestContext.Current.CancellationToken)
            .WaitAsync(Limit, TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldStartWith($"{target}: The remote certificate is invalid");
        await served.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_empty_datagram_neither_hides_what_comes_after_it_nor_keeps_the_agent_busy()
    {
        using var thread = new EventThread("programs");
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var instance = Guid.NewGuid().ToString("N");
        var listens = new TaskCompletionSource<NotifySocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        thread.Post(() => listens.SetResult(new NotifySocket(thread, instance, () => ready.TrySetResult())));
        var socket = await listens.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        using var program = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        program.Connect(new UnixDomainSocketEndPoint("\0" + NotifySocket.AddressOf(instance)[1..]));
        program.Send(ReadOnlySpan<byte>.Empty);
        program.Send("STATUS=coming up"u8);
        program.Send("READY=1\n"u8);
        await ready.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        thread.Post(socket.Dispose);
    }
}
