using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Agent.Configuration;
using HaGrpc.Core.Identity;

namespace HaGrpc.Agent.Peers;

/// <summary>
/// Mutual TLS between agents with what they have for the control plane: the same certificate in both roles, the same authority. It is the
/// certificate of a client in both roles, so that no operator has to issue another kind, and a certificate of a server that the
/// authority has signed for something else speaks for no host. The files are read for each connection: renewed ones are used.
/// </summary>
/// <param name="tls">The PEM files.</param>
/// <param name="revoked">What is revoked.</param>
internal sealed class PeerCertificates(TlsFiles tls, RevokedPeers revoked)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>False: there is no certificate, everything is plain text.</summary>
    public bool Any => tls.Certificate.Length > 0;

    /// <summary>What is revoked.</summary>
    public RevokedPeers Revoked => revoked;

    /// <summary>For a connection to an agent.</summary>
    /// <param name="host">Whose certificate it has to show.</param>
    /// <exception cref="IOException">A PEM file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file is not one.</exception>
    public SslClientAuthenticationOptions AsClient(string host) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = Own(),
        RemoteCertificateValidationCallback = Check(Authorities(), host),
    };

    /// <summary>For a connection from an agent; which host it is for is to be asked with each call.</summary>
    /// <exception cref="IOException">A PEM file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file is not one.</exception>
    public SslServerAuthenticationOptions AsServer() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = Own(),
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = Check(Authorities(), null),
    };

    private RemoteCertificateValidationCallback Check(X509Certificate2Collection? authorities, string? host) =>
        (_, certificate, offered, _) => certificate is X509Certificate2 peer && IsTrusted(peer, offered, authorities)
            && (host is null || (CertificateNames.ClaimOf(peer).SpeaksFor(host) && !revoked.AreRevoked(host, peer)));

    private static bool IsTrusted(X509Certificate2 certificate, X509Chain? offered, X509Certificate2Collection? authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuthentication));
        if (authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        if (offered is not null)
            chain.ChainPolicy.ExtraStore.AddRange(offered.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }

    private SslStreamCertificateContext Own()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(tls.Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key), chain, offline: true);
    }

    private X509Certificate2Collection? Authorities()
    {
        if (tls.Ca.Length == 0)
            return null;
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(tls.Ca);
        return all;
    }
}
