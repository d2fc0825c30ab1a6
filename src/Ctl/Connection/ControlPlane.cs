using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Connection;

/// <summary>One connection to the control plane, opened by the first call.</summary>
internal sealed class ControlPlane : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;

    private ControlPlane(Endpoint endpoint, SocketsHttpHandler handler)
    {
        Endpoint = endpoint;
        _channel = GrpcChannel.ForAddress(endpoint.Url, new() { HttpHandler = handler, DisposeHttpClient = true });
        Admin = new(_channel);
    }

    internal Endpoint Endpoint { get; }

    internal AdminService.AdminServiceClient Admin { get; }

    /// <summary>Prepares a connection; nothing is sent yet.</summary>
    /// <exception cref="UsageException">The endpoint or its TLS files cannot be used.</exception>
    internal static ControlPlane To(Endpoint endpoint)
    {
        if (endpoint.Problem() is { } problem)
            throw new UsageException(problem);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = Patience,
            // A link that died half-way must not hold a waiting start or switchover for ever.
            KeepAlivePingDelay = Patience,
            KeepAlivePingTimeout = Patience,
            UseProxy = false,
        };
        try
        {
            UseTlsFiles(handler.SslOptions, endpoint);
            return new(endpoint, handler);
        }
        catch (CryptographicException error)
        {
            handler.Dispose();
            throw new UsageException($"the TLS files cannot be used: {error.Message}; PEM is expected in --tls-cert, " +
                "--tls-key (unencrypted) and --tls-ca");
        }
    }

    private static void UseTlsFiles(SslClientAuthenticationOptions tls, Endpoint endpoint)
    {
        if (endpoint.Certificate is { } file)
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(file, endpoint.Key)];
        if (endpoint.Authority is not { } authority)
            return;
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        chain.CustomTrustStore.ImportFromPemFile(authority);
        tls.CertificateChainPolicy = chain;
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
