using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf.Reflection;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using static HaGrpc.Functional.Tests.Fuzzing.Http2Connection;

namespace HaGrpc.Functional.Tests.Fuzzing;

/// <summary>What strangers can send to the ports of a control plane: it stays, serves the others, answers with what is wrong, and takes no more memory than
/// <see cref="SurfacePlane.MostMiB"/> for all of it.</summary>
public sealed class SurfaceFuzzTests(SurfacePlane plane) : IClassFixture<SurfacePlane>
{
    private const int Unknown = 2, TooLarge = 8, Cancelled = 1;

    private static readonly int Seed = Number("HAGRPC_FUZZ_SEED") ?? 1;

#pragma warning disable CA5394 // Inputs that can be made again, not secrets.
    private readonly Random _random = new(Seed);
#pragma warning restore CA5394

    private static IEnumerable<MethodDescriptor> Methods => new[]
    {
        AdminReflection.Descriptor, RegistryReflection.Descriptor, AccessReflection.Descriptor, AuditReflection.Descriptor, AgentReflection.Descriptor,
        GuardReflection.Descriptor, AdoptionReflection.Descriptor, ReleaseReflection.Descriptor, IdentityReflection.Descriptor, WhyReflection.Descriptor, StateReflection.Descriptor,
    }.SelectMany(f => f.Services).SelectMany(s => s.Methods);

    [Fact]
    public async Task Messages_that_are_none_are_refused_by_every_call()
    {
        using var client = Client();
        var rounds = 6 + (Number("HAGRPC_FUZZ_SECONDS") ?? 0);
        var statuses = new HashSet<int>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var method in Methods)
            {
                var body = Bytes(_random.Next(300));
                var framed = (round % 3) switch
                {
                    0 => Framed(body),
                    1 => [(byte)_random.Next(3), .. Framed(body)[1..]],
                    _ => Framed(body)[.._random.Next(body.Length + 1)],
                };
                statuses.Add(await StatusAsync(client, $"/{method.Service.FullName}/{method.Name}", framed));
            }
        }
        statuses.ShouldContain(Unknown);
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Messages_that_are_too_large_are_refused_before_they_are_read()
    {
        using var client = Client();
        var path = "/hagrpc.v1.AdminService/Apply";
        foreach (var (length, status) in new[] { (uint.MaxValue, Unknown), ((uint)int.MaxValue, TooLarge), (5u << 20, TooLarge) })
        {
            var header = new byte[5];
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(1), length);
            (await StatusAsync(client, path, [.. header, .. new byte[1000]])).ShouldBe(status);
        }
        var many = Enumerable.Range(0, 40).Select(_ => StatusAsync(client, path, Framed(new byte[6 << 20])));
        (await Task.WhenAll(many)).ShouldAllBe(status => status == TooLarge || status == Cancelled);
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Whoever_sends_slowly_is_left_and_nobody_waits_for_them()
    {
        const int Each = 100;
        using var limit = new CancellationTokenSource(3 * Until.Bound); // The server's own patience is half a minute from the last one on.
        var open = new List<IDisposable>();
        var ends = new List<Task>();
        for (var i = 0; i < Each; i++)
        {
            var plain = new TcpClient();
            open.Add(plain);
            await plain.ConnectAsync("127.0.0.1", plane.HttpPort, limit.Token);
            await plain.GetStream().WriteAsync("GET /v1/hosts HTTP/1.1\r\nHost: localhost\r\nX-Slow: "u8.ToArray(), limit.Token);
            ends.Add(ClosedAsync(plain, limit.Token));

            var headers = await OpenAsync(plane.GrpcPort);
            open.Add(headers);
            await headers.CallAsync(1, "/hagrpc.v1.AdminService/ListHosts", flags: 0);
            ends.Add(headers.EndedAsync(1, limit.Token));

            var body = await OpenAsync(plane.GrpcPort);
            open.Add(body);
            await body.CallAsync(1, "/hagrpc.v1.AdminService/Apply");
            await body.FrameAsync(Data, 0, 1, new byte[] { 0, 0, 0, 4, 0, 1, 2 });
            ends.Add(body.EndedAsync(1, limit.Token));
        }
        await plane.ShouldBeWellAsync();
        await Task.WhenAll(ends);
        open.ForEach(o => o.Dispose());
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Streams_that_nobody_reads_take_no_memory_that_grows()
    {
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(plane.GrpcUrl);
        var admin = new AdminService.AdminServiceClient(channel);
        var open = new List<Http2Connection>();
        for (var i = 0; i < 20; i++)
        {
            var connection = await OpenAsync(plane.GrpcPort, window: 0);
            open.Add(connection);
            for (var stream = 1; stream < 200; stream += 2)
            {
                await connection.CallAsync(stream, "/hagrpc.v1.AdminService/WatchEvents");
                await connection.FrameAsync(Data, EndStream, stream, Framed(new WatchEventsRequest { Backlog = 1000 }));
            }
        }
        // Each of them is told of each of these.
        for (var i = 0; i < 200; i++)
            await admin.ApplyAsync(new() { Hosts = { new Host { Name = $"h{i}", Description = new string('x', 200) } } });
        await plane.ShouldBeWellAsync();
        open.ForEach(o => o.Dispose());
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Headers_without_end_are_cut_off()
    {
        using var limit = new CancellationTokenSource(Until.Bound);
        foreach (var flood in new Func<Http2Connection, Task>[]
        {
            async c => await c.FrameAsync(Headers, EndHeaders | EndStream, 1, Fields([.. Enumerable.Range(0, 500).Select(i => ($"h{i}", "v"))])),
            async c =>
            {
                await c.FrameAsync(Headers, 0, 1, Fields((":method", "POST")));
                while (!limit.IsCancellationRequested)
                    await c.FrameAsync(Continuation, 0, 1, Fields(("x", new string('y', 8000))));
            },
            async c =>
            {
                for (var stream = 1; stream < 40_000 && !limit.IsCancellationRequested; stream += 2)
                {
                    await c.CallAsync(stream, "/hagrpc.v1.AdminService/ListGroups");
                    await c.FrameAsync(Reset, 0, stream, new byte[4]);
                }
            },
            async c => await c.FrameAsync(Headers, EndHeaders, 1, Bytes(16_000)),
            async c => await c.FrameAsync(Data, 0, 0, new byte[16_384]),
        })
        {
            using var connection = await OpenAsync(plane.GrpcPort);
            var ended = connection.EndedAsync(1, limit.Token);
            try
            {
                await flood(connection);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // Cut off while it was sending.
            }
            await ended;
        }
        using var plain = new TcpClient();
        await plain.ConnectAsync("127.0.0.1", plane.HttpPort, limit.Token);
        var closed = ClosedAsync(plain, limit.Token);
        try
        {
            for (var i = 0; i < 10_000; i++)
                await plain.GetStream().WriteAsync(Encoding.ASCII.GetBytes(i == 0 ? "GET / HTTP/1.1\r\nHost: x\r\n" : $"X{i}: {new string('y', 100)}\r\n"), limit.Token);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // As above.
        }
        await closed;
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Noise_is_no_request()
    {
        for (var i = 0; i < 200; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", i % 2 == 0 ? plane.GrpcPort : plane.HttpPort, TestContext.Current.CancellationToken);
            try
            {
                await client.GetStream().WriteAsync(Bytes(_random.Next(4000)), TestContext.Current.CancellationToken);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // Cut off while it was sending.
            }
            if (i % 2 != 0)
                continue;
            using var greeted = await OpenAsync(plane.GrpcPort);
            try
            {
                for (var frame = 0; frame < 10; frame++)
                    await greeted.FrameAsync((byte)_random.Next(12), (byte)_random.Next(256), _random.Next(4), Bytes(_random.Next(200)));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // As above.
            }
        }
        await plane.ShouldBeWellAsync();
    }

    [Fact]
    public async Task Nobody_without_a_name_and_nobody_without_the_role_gets_through()
    {
        await using var own = await InProcessPlane.StartLeadingAsync();
        await own.ApplyAsync(Models.Web());
        var access = new AccessService.AccessServiceClient(own.Channel);
        var root = (await access.AddOperatorAsync(new() { Name = "root", Role = OperatorRole.Admin, ByToken = true })).Token;
        var viewer = (await access.AddOperatorAsync(
            new() { Name = "look", Role = OperatorRole.Viewer, ByToken = true }, new Grpc.Core.Metadata { { "authorization", $"Bearer {root}" } })).Token;
        using var client = new HttpClient { BaseAddress = new(own.GrpcUrl) };
        foreach (var name in OperatorCalls.Names)
        {
            var call = OperatorCalls.Find($"/hagrpc.v1.{name}")!;
            var empty = (Google.Protobuf.IMessage)Activator.CreateInstance(Methods.Single(m => $"{m.Service.Name}/{m.Name}" == name).InputType.ClrType)!;
            if (name.EndsWith("/Lock", StringComparison.Ordinal) || name.EndsWith("/Unlock", StringComparison.Ordinal))
                empty = name.EndsWith("/Lock", StringComparison.Ordinal) ? new LockRequest { Target = new() } : new UnlockRequest { Target = new() };
            var role = call.Role(empty);
            if (role == HaGrpc.Core.Access.OperatorRole.None)
                continue;
            foreach (var token in new[] { null, "hagrpc1op.a.b", "x", new string('z', 5000) })
                (await StatusAsync(client, $"/hagrpc.v1.{name}", Framed(empty), token)).ShouldBe((int)Grpc.Core.StatusCode.Unauthenticated, $"{name} {token}");
            if (role > HaGrpc.Core.Access.OperatorRole.Viewer)
                (await StatusAsync(client, $"/hagrpc.v1.{name}", Framed(empty), viewer)).ShouldBe((int)Grpc.Core.StatusCode.PermissionDenied, name);
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private HttpClient Client() => new() { BaseAddress = new(plane.GrpcUrl) };

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Framed(Google.Protobuf.IMessage message) => Framed(Google.Protobuf.MessageExtensions.ToByteArray(message));

    private static byte[] Framed(byte[] message)
    {
        var framed = new byte[message.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    /// <summary>The gRPC status; 0 for a stream that is open, <see cref="Cancelled"/> for one that was cut off.</summary>
    private static async Task<int> StatusAsync(HttpClient client, string path, byte[] body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token is not null)
            request.Headers.TryAddWithoutValidation("authorization", $"Bearer {token}");
        try
        {
            using var limit = new CancellationTokenSource(Until.Bound);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (Status(response.Headers) is { } early)
                return early;
            if (IsEndless(path))
                return 0;
            await response.Content.ReadAsByteArrayAsync(limit.Token);
            return Status(response.TrailingHeaders) ?? Cancelled;
        }
        catch (HttpRequestException)
        {
            return Cancelled;
        }
    }

    private static bool IsEndless(string path) => path.EndsWith("/WatchEvents", StringComparison.Ordinal) || path.EndsWith("/TailLogs", StringComparison.Ordinal)
        || path.StartsWith("/hagrpc.v1.AgentService/", StringComparison.Ordinal);

    private static int? Status(HttpResponseHeaders headers) =>
        headers.TryGetValues("grpc-status", out var values) ? int.Parse(values.First(), CultureInfo.InvariantCulture) : null;

    private static async Task ClosedAsync(TcpClient client, CancellationToken ct)
    {
        var buffer = new byte[4096];
        try
        {
            while (await client.GetStream().ReadAsync(buffer, ct) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Closed all the same.
        }
    }
}
