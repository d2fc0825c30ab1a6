using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>A real gRPC server on a loopback port with a fake AdminService and RegistryService, and hactl run against it in this process.</summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly WebApplication _server;

    private FakeControlPlane(WebApplication server, FakeAdmin admin, FakeRegistry registry, FakeGuard guard) =>
        (_server, Admin, Registry, Guard) = (server, admin, registry, guard);

    internal FakeAdmin Admin { get; }

    internal FakeRegistry Registry { get; }

    internal FakeGuard Guard { get; }

    internal FakeIdentity Identity => _server.Services.GetRequiredService<FakeIdentity>();

    internal FakeAudit Audit => _server.Services.GetRequiredService<FakeAudit>();

    internal FakeAccess Access => _server.Services.GetRequiredService<FakeAccess>();

    internal FakeExplanation Explanation => _server.Services.GetRequiredService<FakeExplanation>();

    internal FakeStates States => _server.Services.GetRequiredService<FakeStates>();

    internal string Url => _server.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>The operator's clock: 2026-11-23 09:30:00 UTC.</summary>
    internal static FakeTimeProvider Time { get; } = new(new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero));

    internal static async Task<FakeControlPlane> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2));
        var (admin, registry, guard) = (new FakeAdmin(), new FakeRegistry(), new FakeGuard());
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(admin).AddSingleton(registry).AddSingleton(guard).AddSingleton<FakeIdentity>().AddSingleton<FakeAudit>().AddSingleton<FakeAccess>().AddSingleton<FakeExplanation>().AddSingleton<FakeStates>();
        var server = builder.Build();
        server.MapGrpcService<FakeAdmin>();
        server.MapGrpcService<FakeRegistry>();
        server.MapGrpcService<FakeGuard>();
        server.MapGrpcService<FakeIdentity>();
        server.MapGrpcService<FakeAudit>();
        server.MapGrpcService<FakeAccess>();
        server.MapGrpcService<FakeExplanation>();
        server.MapGrpcService<FakeStates>();
        await server.StartAsync();
        return new(server, admin, registry, guard);
    }

    /// <summary>Runs hactl against this server.</summary>
    internal Task<Outcome> RunAsync(params string[] arguments) => RunAtAsync(Url, "", arguments);

    /// <summary>Runs hactl against any endpoint, with something on its standard input.</summary>
    internal static Task<Outcome> RunAtAsync(string url, string input, params string[] arguments) =>
        RunAsync(url, input, isTerminal: false, arguments);

    /// <summary>Runs hactl against this server, its results going to a terminal.</summary>
    internal Task<Outcome> RunOnTerminalAsync(params string[] arguments) => RunAsync(Url, "", isTerminal: true, arguments);

    /// <summary>Runs hactl against this server, with somebody who answers questions.</summary>
    internal Task<Outcome> RunAnsweringAsync(string typed, params string[] arguments) => RunAsync(Url, typed, isTerminal: false, arguments, isAnswering: true);

    /// <summary>Runs hactl against this server until somebody presses Ctrl-C.</summary>
    internal Task<Outcome> RunUntilAsync(CancellationToken interrupt, params string[] arguments) =>
        RunAsync(Url, "", isTerminal: false, arguments, interrupt: interrupt);

    /// <summary>Runs hactl with a clock of its own, its errors going to a terminal or not.</summary>
    internal Task<Outcome> RunTimedAsync(TimeProvider time, bool isErrorTerminal, params string[] arguments) =>
        RunAsync(Url, "", isTerminal: false, arguments, time: time, isErrorTerminal: isErrorTerminal);

    private static async Task<Outcome> RunAsync(
        string url,
        string input,
        bool isTerminal,
        string[] arguments,
        bool isAnswering = false,
        CancellationToken? interrupt = null,
        TimeProvider? time = null,
        bool isErrorTerminal = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var bytes = new MemoryStream();
        using var stdin = new StringReader(input);
        var surroundings = new Surroundings(stdin, output, error, time ?? Time, name => name switch
        {
            "HACTL_ENDPOINT" => url,
            "USER" => "wu",
            _ => null,
        })
        {
            Bytes = bytes,
            IsTerminal = isTerminal,
            IsAnswering = isAnswering,
            IsErrorTerminal = isErrorTerminal,
            // A machine that is busy with other tests is not what completion is judged by.
            NamePatience = TimeSpan.FromSeconds(30),
        };
        var code = await Hactl.RunAsync(arguments, surroundings, interrupt ?? TestContext.Current.CancellationToken);
        return new(code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    /// <summary>Surroundings of nobody, for the command tree alone.</summary>
    internal static Surroundings Nobody() => new(TextReader.Null, TextWriter.Null, TextWriter.Null, Time, _ => null) { Bytes = Stream.Null };

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    /// <summary>What a run of hactl left.</summary>
    internal sealed record Outcome(int Code, string Out, string Error);
}
