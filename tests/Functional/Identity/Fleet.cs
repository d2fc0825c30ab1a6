using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Identity;
using HaGrpc.Agent.Uplink;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using AgentFiles = HaGrpc.Agent.Identity.IdentityFiles;
using PlaneFiles = HaGrpc.ControlPlane.Identity.IdentityFiles;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary>A control plane with an authority of its own, its first operator, and hosts that join it.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-fleet-");
    private readonly List<GrpcChannel> _channels = [];
    private InProcessPlane? _plane;
    private int _last;

    private Fleet()
    {
        // Made by StartAsync.
    }

    public InProcessPlane Plane => _plane!;

    public PlaneFiles Files => new(Path.Combine(_folder.FullName, "plane"));

    public string[] Admin => ["--tls-ca", Files.AuthorityCertificate, "--tls-cert", Files.OperatorCertificate("admin"), "--tls-key", Files.OperatorKey("admin")];

    public static Task<Fleet> StartAsync(params string[] arguments) => StartAtAsync(null, arguments);

    public static async Task<Fleet> StartAtAsync(TimeProvider? time, params string[] arguments)
    {
        var fleet = new Fleet();
        try
        {
            Init(fleet.Files.Folder, time);
            fleet._plane = await InProcessPlane.StartAtAsync(time, [$"--data-dir={fleet.Files.Folder}", .. arguments]);
            await Until.HoldsAsync(() => fleet.Plane.LeadsAsync(), "it leads");
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public static void Init(string folder, TimeProvider? time = null)
    {
        using var error = new StringWriter();
        InitCommand.Run(["--data-dir", folder], TextWriter.Null, error, time ?? TimeProvider.System).ShouldBe(0, error.ToString());
    }

    public Task<Operator.Run> HactlAsync(params string[] arguments) => Operator.RunAsync(Plane.GrpcUrl, [.. arguments, .. Admin]);

    public async Task RegisterAsync(params string[] hosts)
    {
        var run = await Operator.RunWithAsync(
            Plane.GrpcUrl, $"hosts: [{string.Join(", ", hosts.Select(h => $"{{name: {h}}}"))}]", ["apply", "-f", "-", .. Admin]);
        run.Code.ShouldBe(0, run.Error);
    }

    /// <summary>What <c>hactl token create</c> prints for a host.</summary>
    public async Task<string> TokenAsync(string host)
    {
        var run = await HactlAsync("token", "create", "--host", host);
        run.Code.ShouldBe(0, run.Error);
        run.Out.ShouldStartWith($"ha-agent join --control-plane {Plane.GrpcUrl} --host {host} --token hagrpc1join.");
        return run.Out.Trim().Split(' ')[^1];
    }

    /// <summary>Runs <c>ha-agent join</c> with a state directory of its own.</summary>
    public async Task<Joined> JoinAsync(string host, string token, TimeProvider? time = null, string? folder = null, params string[] more)
    {
        folder ??= Path.Combine(_folder.FullName, $"agent-{++_last}");
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await new JoinCommand(output, error, time ?? TimeProvider.System).RunAsync(
            ["--control-plane", Plane.GrpcUrl, "--host", host, "--token", token, "--state-dir", folder, .. more], TextReader.Null);
        return new(code, output.ToString(), error.ToString(), new(folder));
    }

    /// <summary>A host that has joined.</summary>
    public async Task<AgentFiles> JoinedAsync(string host)
    {
        var joined = await JoinAsync(host, await TokenAsync(host));
        joined.Code.ShouldBe(0, joined.Error);
        return joined.Files;
    }

    /// <summary>A connection of an agent's, with the certificate that it has now.</summary>
    public GrpcChannel Open(TlsFiles tls)
    {
        var channel = new Endpoints(tls).Open(new Uri(Plane.GrpcUrl), Until.Bound);
        _channels.Add(channel);
        return channel;
    }

    /// <summary>Says hello as an agent of a host.</summary>
    /// <exception cref="RpcException">It was refused.</exception>
    public async Task<Attached> AttachAsync(string host, TlsFiles tls, Hello? again = null)
    {
        var call = new AgentService.AgentServiceClient(Open(tls)).Attach();
        var hello = again ?? AgentDouble.HelloOf(host);
        hello.WallClock = Plane.Service<TimeProvider>().GetUtcNow().ToTimestamp();
        await FirstMessage.WriteAsync(call.RequestStream, new() { Hello = hello }, CancellationToken.None);
        (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound)).ShouldBeTrue();
        call.ResponseStream.Current.Welcome.ShouldNotBeNull();
        return new(call, hello);
    }

    public async Task<RpcException> RefusedAsync(string host, TlsFiles tls) => await Should.ThrowAsync<RpcException>(() => AttachAsync(host, tls));

    /// <summary>Asks for another certificate with the one that it has.</summary>
    public async Task<RenewResponse> RenewAsync(TlsFiles tls)
    {
        using var pair = new KeyPair();
        return await new EnrollmentService.EnrollmentServiceClient(Open(tls)).RenewAsync(new() { SigningRequest = ByteString.CopyFrom(pair.SigningRequest()) });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        if (_plane is not null)
            await _plane.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>How a run of <c>ha-agent join</c> ended.</summary>
internal sealed record Joined(int Code, string Out, string Error, AgentFiles Files);

/// <summary>A stream that the control plane has accepted.</summary>
internal sealed record Attached(AsyncDuplexStreamingCall<AttachRequest, AttachResponse> Call, Hello Hello)
{
    private long _seq;

    /// <summary>Sends a heartbeat, and waits for its answer.</summary>
    public async Task BeatAsync()
    {
        // It may have ended: reading tells.
        await FirstMessage.WriteAsync(
            Call.RequestStream, new() { Heartbeat = new() { InstanceId = Hello.InstanceId, Seq = ++_seq } }, CancellationToken.None);
        while (await Call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound))
        {
            if (Call.ResponseStream.Current.HeartbeatAnswer?.Seq == _seq)
                return;
        }
        throw new RpcException(Call.GetStatus());
    }

    /// <summary>How it ends, without a word from this side.</summary>
    public async Task<Status> EndAsync()
    {
        try
        {
            while (await Call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound))
            {
                // What comes before is of no interest.
            }
            return Call.GetStatus();
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }
}
