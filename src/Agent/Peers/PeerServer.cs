using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using HaGrpc.Agent.Platform;
using HaGrpc.Agent.Uplink;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Peers;

/// <summary>The listener for other agents. Without its port the agent does everything else, says so, and tries again: whoever holds the port may
/// leave it.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private const int LargestRequest = 64 << 10;
    private const int MostConnections = 256;
    private const int MostStreams = 32;

    private readonly CancellationTokenSource _stop = new();
    private readonly PeerSelf _self;
    private readonly PeerEndpoint _endpoint;
    private readonly IPEndPoint _address;
    private readonly Outbox _outbox;
    private readonly ILoggerFactory _loggers;
    private readonly TimeSpan _retry;
    private readonly Task _running;

    /// <summary>Begins to listen.</summary>
    /// <param name="self">This agent.</param>
    /// <param name="endpoint">Answers.</param>
    /// <param name="address">Where; <see cref="IPAddress.IPv6Any"/> is every address of both families.</param>
    /// <param name="outbox">Takes the event when it cannot be.</param>
    /// <param name="retry">How long to wait before it is tried again.</param>
    /// <param name="loggers">The log.</param>
    public PeerServer(PeerSelf self, PeerEndpoint endpoint, IPEndPoint address, Outbox outbox, TimeSpan retry, ILoggerFactory loggers)
    {
        (_self, _endpoint, _address, _outbox, _retry, _loggers) = (self, endpoint, address, outbox, retry, loggers);
        _running = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Ends it, with the calls that are under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var said = "";
        while (!stop.IsCancellationRequested)
        {
            await using var app = Build();
            try
            {
                await app.StartAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or InvalidOperationException)
            {
                if (said.Length == 0)
                    _outbox.PostEvent("FailsafeLost", "", 0, $"agents of other hosts cannot be answered at {_address}: {e.Message}");
                if (said != e.Message)
                    PeersLog.NotListening(_self.Logger, _address, e.Message);
                said = e.Message;
                await Task.Delay(_retry, _self.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            PeersLog.Listening(_self.Logger, _address);
            if (said.Length > 0)
                _outbox.PostEvent("FailsafeRestored", "", 0, $"agents of other hosts are answered at {_address}");
            await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(now.Token);
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(_loggers)).AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = LargestRequest);
        builder.Services.AddSingleton(_endpoint);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MostStreams;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(2);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(3);
            if (_address.Address.Equals(IPAddress.IPv6Any))
                kestrel.ListenAnyIP(_address.Port, Serve);
            else
                kestrel.Listen(_address, Serve);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<PeerEndpoint>();
        return app;
    }

    private void Serve(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (!_self.Certificates.Any)
            return;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context =>
            {
                try
                {
                    return ValueTask.FromResult(_self.Certificates.AsServer());
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    if (_self.Limit.Passes(e.Message))
                        PeersLog.CertificateUnusable(_self.Logger, e.Message);
                    throw;
                }
            },
        });
    }
}
