using System.Net.Sockets;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>The HTTP server for Supervisor's clients: on a Unix socket, and on a loopback address.</summary>
internal sealed class SupervisorServer : IAsyncDisposable
{
    private const long MostBody = 1 << 20;
    private const int MostConnections = 64;
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly WebApplication _app;

    private SupervisorServer(WebApplication app) => _app = app;

    /// <summary>Begins to serve; null, after a line in the log, when that is not possible: an agent is there to hold leases, and
    /// does so without it.</summary>
    /// <param name="listeners">Where.</param>
    /// <param name="endpoint">Answers.</param>
    /// <param name="loggers">The log.</param>
    public static async Task<SupervisorServer?> StartAsync(
        SupervisorListeners listeners, SupervisorEndpoint endpoint, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<SupervisorServer>();
        var where = string.Join(" and ", new[] { listeners.Socket, listeners.Http?.ToString() ?? "" }.Where(w => w.Length > 0));
        var app = Build(listeners, loggers);
        try
        {
            app.Run(endpoint.HandleAsync);
            if (listeners.Socket.Length > 0)
                RemoveStale(listeners.Socket);
            await app.StartAsync();
            if (listeners.Socket.Length > 0)
                File.SetUnixFileMode(listeners.Socket, SocketMode);
            CompatLog.Serving(logger, where);
            return new SupervisorServer(app);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or InvalidOperationException)
        {
            CompatLog.NotServing(logger, where, e.Message);
            await app.DisposeAsync();
            return null;
        }
    }

    /// <summary>Ends it, with the calls that are under way.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(SupervisorListeners listeners, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBody;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            // A tail -f whose reader stands still keeps its place; it costs one piece of memory.
            kestrel.Limits.MinResponseDataRate = null;
            if (listeners.Socket.Length > 0)
                kestrel.ListenUnixSocket(listeners.Socket, listen => listen.Protocols = HttpProtocols.Http1);
            if (listeners.Http is { } http)
                kestrel.Listen(http, listen => listen.Protocols = HttpProtocols.Http1);
        });
        return builder.Build();
    }

    /// <summary>A socket that nobody answers on is what a killed agent has left.</summary>
    /// <exception cref="IOException">Somebody answers, or it is no socket.</exception>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        throw new IOException($"another process serves {path}");
    }
}
