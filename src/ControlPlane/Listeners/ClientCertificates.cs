using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace HaGrpc.ControlPlane.Listeners;

/// <summary>Whether a client certificate is ours.</summary>
/// <param name="authorities">Whose certificates are.</param>
/// <param name="isOptional">True: each call is looked at instead, because hosts join without one.</param>
/// <param name="log">The log.</param>
internal sealed partial class ClientCertificates(X509Certificate2Collection authorities, bool isOptional, ILogger<ClientCertificates> log)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>True when one of our authorities signed it for a client. The client sees no reason under TLS 1.3, so the
    /// log has it.</summary>
    /// <param name="certificate">What the client offers; null for none.</param>
    /// <param name="offered">With the intermediates that came along.</param>
    /// <param name="client">Where it connects from.</param>
    public bool IsTrusted(X509Certificate2? certificate, X509Chain? offered, EndPoint? client)
    {
        if (certificate is null && isOptional)
            return true;
        if (certificate is null)
        {
            LogMissing(log, client);
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuthentication));
        if (offered is not null)
            chain.ChainPolicy.ExtraStore.AddRange(offered.ChainPolicy.ExtraStore);
        if (chain.Build(certificate))
            return true;
        if (chain.ChainStatus.Length > 0 && chain.ChainStatus.All(s => s.Status == X509ChainStatusFlags.NotTimeValid))
        {
            LogNotNow(
                log, client, certificate.Subject, certificate.Issuer, new(certificate.NotBefore.ToUniversalTime()), new(certificate.NotAfter.ToUniversalTime()), TimeProvider.System.GetUtcNow());
            return false;
        }
        var reasons = string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()).Distinct());
        LogRefused(log, client, certificate.Subject, certificate.Issuer, reasons);
        return false;
    }

    [LoggerMessage(1010, LogLevel.Warning,
        "refused the client at {Address}: its certificate of {Subject}, issued by {Issuer}, is not of Tls:ClientCa: {Reasons}")]
    private static partial void LogRefused(ILogger log, EndPoint? address, string subject, string issuer, string reasons);

    [LoggerMessage(1221, LogLevel.Warning,
        "refused the client at {Address}: its certificate of {Subject}, issued by {Issuer}, is valid from {From:u} to {To:u}, and it is {Now:u}: it has to be renewed, or a clock is wrong")]
    private static partial void LogNotNow(
        ILogger log, EndPoint? address, string subject, string issuer, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now);

    [LoggerMessage(1013, LogLevel.Warning,
        "refused the client at {Address}: it has no certificate; agents and hactl need --tls-cert and --tls-key")]
    private static partial void LogMissing(ILogger log, EndPoint? address);
}
