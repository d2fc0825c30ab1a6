using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.ControlPlane.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Listeners;

/// <summary>
/// Two listeners: gRPC for agents and hactl, and HTTP/1.1 for health. TLS on both when a certificate is given, but for health on loopback, where nobody
/// else can listen and probes should stay simple. With TLS the first one speaks HTTP/1.1 too, for JSON: ALPN tells them apart. Without it
/// only HTTP/2 can be spoken there, and JSON over HTTP/1.1 is served where health is, on this machine.
/// </summary>
internal sealed partial class KestrelListeners(
    IOptions<ControlPlaneOptions> options, ServerCertificate certificate, ILogger<KestrelListeners> log, ILogger<ClientCertificates> certificateLog)
    : IConfigureOptions<KestrelServerOptions>
{
    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        var settings = options.Value;
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(2);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(3);
        // Who has not said within this what it wants is no client. Bodies have to come at 240 bytes/s, which is Kestrel's default.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // An operator's pager stops reading for as long as it likes; one that is gone does not answer pings.
        kestrel.Limits.MinResponseDataRate = null;
        var grpc = ListenAddress.Parse(settings.Listen.Grpc);
        var http = ListenAddress.Parse(settings.Listen.Http);
        var hasTls = settings.Tls.Certificate.Length > 0;
        kestrel.Listen(grpc, listen =>
        {
            listen.Protocols = hasTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2;
            if (hasTls)
                listen.UseHttps(Handshake(settings, clients: true));
        });
        kestrel.Listen(http, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (hasTls && !IPAddress.IsLoopback(http.Address))
                listen.UseHttps(Handshake(settings, clients: false));
            if (hasTls || !IPAddress.IsLoopback(http.Address))
                listen.Use(next => connection =>
                {
                    connection.Features.Set(ProbesOnly.Mark);
                    return next(connection);
                });
        });
        foreach (var address in new[] { grpc, http }.Where(a => !hasTls && !IPAddress.IsLoopback(a.Address)))
            LogPlaintext(log, address);
        if (hasTls && settings.Tls.ClientCa.Length == 0)
            LogAnyClient(log, grpc);
    }

    private TlsHandshakeCallbackOptions Handshake(ControlPlaneOptions settings, bool clients)
    {
        var tls = settings.Tls;
        var trusted = clients && tls.ClientCa.Length > 0
            ? new ClientCertificates(TlsFiles.ClientAuthorities(tls), isOptional: settings.Identity.Directory.Length > 0, certificateLog)
            : null;
        return new()
        {
            OnConnection = context =>
            {
                var handshake = new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current() };
                if (clients)
                    handshake.EnabledSslProtocols = SslProtocols.Tls13; // Probes of health are whatever a site has.
                if (trusted is not null)
                {
                    handshake.ClientCertificateRequired = true;
                    handshake.RemoteCertificateValidationCallback = (_, client, chain, _) =>
                        trusted.IsTrusted(client as X509Certificate2, chain, context.Connection.RemoteEndPoint);
                }
                return ValueTask.FromResult(handshake);
            },
        };
    }

    [LoggerMessage(1011, LogLevel.Warning,
        "{Address} is plaintext and can be reached by others: they can read and change everything (--allow-plaintext)")]
    private static partial void LogPlaintext(ILogger log, IPEndPoint address);

    [LoggerMessage(1012, LogLevel.Warning,
        "{Address} asks clients for no certificate: whoever reaches it may command (give --tls-ca)")]
    private static partial void LogAnyClient(ILogger log, IPEndPoint address);
}
