using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using HaGrpc.ControlPlane;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>The whole control plane, built as the binary builds it from a command line, in this process.</summary>
internal sealed partial class InProcessPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly Lazy<GrpcChannel> _channel;
    private readonly Lazy<CallInvoker> _calls;

    private InProcessPlane(WebApplication app, DirectoryInfo folder)
    {
        (_app, _folder) = (app, folder);
        _channel = new(() => GrpcChannel.ForAddress(GrpcUrl));
        _calls = new(() => Channel.Intercept(new Bounded()));
    }

    /// <summary>Both addresses, gRPC first.</summary>
    public IReadOnlyList<string> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    public string GrpcUrl => Addresses[0];

    public string HttpUrl => Addresses[1];

    public GrpcChannel Channel => _channel.Value;

    public AdminService.AdminServiceClient Admin => new(_calls.Value);

    public RegistryService.RegistryServiceClient Registry => new(_calls.Value);

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Starts it on free loopback ports with an SQLite file of its own, unless the arguments say otherwise.</summary>
    public static Task<InProcessPlane> StartAsync(params string[] arguments) => StartAtAsync(null, arguments);

    /// <inheritdoc cref="StartAsync"/>
    /// <param name="time">Its wall clock; null for the machine's.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<InProcessPlane> StartAtAsync(TimeProvider? time, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-plane-");
        string[] defaults =
        [
            "--listen-grpc=127.0.0.1:0", "--listen-http=127.0.0.1:0", $"--sqlite={folder.FullName}/plane.db",
            $"--log-file={folder.FullName}/log", "--log-level=Information",
        ];
        var app = ControlPlaneApp.Build(CommandLine.Parse([.. defaults, .. arguments]), time);
        try
        {
            await app.StartAsync();
            return new(app, folder);
        }
        catch
        {
            await app.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Starts one that nobody else competes with, and returns when it leads.</summary>
    public static async Task<InProcessPlane> StartLeadingAsync(params string[] arguments)
    {
        var plane = await StartAsync(arguments);
        await Until.HoldsAsync(() => plane.LeadsAsync(), "it leads");
        return plane;
    }

    public Task<bool> LeadsAsync() => Task.FromResult(Service<HaGrpc.ControlPlane.Leader.LeaderSeat>().Current is not null);

    /// <summary>Waits until it knows that a host's only stream is over.</summary>
    public Task DetachedAsync(string host) => Until.HoldsAsync(
        () => Task.FromResult(Array.Exists(Log(), l => l.StartsWith($"Information {host} detached, stream ", StringComparison.Ordinal))), $"{host} is detached");

    /// <summary>Stops it as SIGTERM does.</summary>
    public Task StopAsync()
    {
        _app.Lifetime.StopApplication();
        return _app.WaitForShutdownAsync();
    }

    public async Task<ApplyResponse> ApplyAsync(ApplyRequest request)
    {
        var response = await Admin.ApplyAsync(request);
        response.Errors.ShouldBeEmpty();
        return response;
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(HttpUrl + path));
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return ((int)response.StatusCode, body);
    }

    /// <summary>The log for machines, rendered as the console shows it.</summary>
    public string[] Log()
    {
        using var stream = new FileStream(
            Path.Combine(_folder.FullName, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        // What stands behind the last line break is being written.
        return [.. reader.ReadToEnd().Split('\n')[..^1].Select(Render)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel.IsValueCreated)
            _channel.Value.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Render(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var level = root.TryGetProperty("@l", out var l) ? l.GetString() : "Information";
        return $"{level} " + Hole().Replace(root.GetProperty("@mt").GetString()!, hole =>
            root.TryGetProperty(hole.Groups[1].Value, out var value)
                ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()
                : hole.Value);
    }

    /// <summary>A call that nobody answers fails with its name, and does not hold the whole run up.</summary>
    private sealed class Bounded : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, context.Options.Deadline is not null ? context : new(
                context.Method, context.Host, context.Options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime + (2 * Until.Bound))));
    }

    [GeneratedRegex(@"\{(\w+)(?::[^}]*)?\}")]
    private static partial Regex Hole();
}
