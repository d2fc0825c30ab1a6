using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using HaGrpc.Agent.Configuration;

namespace HaGrpc.Agent.Uplink;

/// <summary>
/// Opens connections to the control plane: HTTP/2 in plain text for <c>http://</c>, TLS with our certificate and our
/// authority for <c>https://</c>. Every attempt gets a connection of its own, so that a half-open one is left behind, and
/// reads the files again, so that renewed certificates are used.
/// </summary>
/// <param name="tls">The PEM files.</param>
internal sealed class Endpoints(TlsFiles tls)
{
    private const int LargestMessage = 32 << 20;

    // The shortest that the runtime takes. Overdue heartbeat answers find a dead link earlier; this is for agents
    // whose groups have long leases.
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(1);

    /// <summary>Prepares a connection; it is made by the first call.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="connectTimeout">For TCP and TLS.</param>
    /// <exception cref="IOException">A PEM file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file is not one.</exception>
    public GrpcChannel Open(Uri endpoint, TimeSpan connectTimeout)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = connectTimeout,
            KeepAlivePingDelay = Ping,
            KeepAlivePingTimeout = Ping,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (endpoint.Scheme == Uri.UriSchemeHttps)
            handler.SslOptions = Tls();
        return GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LargestMessage,
        });
    }

    private SslClientAuthenticationOptions Tls()
    {
        var options = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls13 };
        if (tls.Certificate.Length > 0)
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(tls.Certificate);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key), chain, offline: true);
        }
        if (tls.Ca.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(tls.Ca);
            options.CertificateChainPolicy = policy;
        }
        return options;
    }
}
