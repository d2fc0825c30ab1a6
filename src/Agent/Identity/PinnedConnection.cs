using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Core.Identity;
using HaGrpc.V1;

namespace HaGrpc.Agent.Identity;

/// <summary>Reaches a control plane that nothing is known of but the hash of its authority.</summary>
/// <param name="endpoint">Where it is.</param>
/// <param name="time">The wall clock.</param>
internal sealed class PinnedConnection(Uri endpoint, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private string _refusal = "";

    /// <summary>Asks for the authority, from whoever answers, and compares.</summary>
    /// <param name="hash">SHA-256 of the right one, hexadecimal.</param>
    /// <exception cref="RpcException">Nobody answers, or it has none.</exception>
    /// <exception cref="InvalidDataException">It is another one.</exception>
    public async Task<X509Certificate2> AuthorityAsync(string hash)
    {
#pragma warning disable CA5359 // Nothing is believed of what comes over it but what has the hash that the operator gave, and nothing is told.
        using var channel = Open(static (_, _, _, _) => true);
#pragma warning restore CA5359
        var answer = await new EnrollmentService.EnrollmentServiceClient(channel).GetAuthorityAsync(new(), deadline: Deadline());
        X509Certificate2 authority;
        try
        {
            authority = X509Certificate2.CreateFromPem(answer.Authority);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new InvalidDataException($"{endpoint} answered with no certificate: {e.Message}", e);
        }
        var found = CertificateNames.FingerprintOf(authority);
        return found == hash ? authority : throw new InvalidDataException(
            $"{endpoint} is not the control plane that the token is of: its authority has the SHA-256 {found}, the token names {hash}. "
            + "Nothing was sent to it. Either the URL is wrong, or somebody is in between, or the authority was made anew after the token");
    }

    /// <summary>Calls it, when it proves to be of that authority.</summary>
    /// <exception cref="RpcException">It refused, or nobody answers.</exception>
    /// <exception cref="InvalidDataException">Its certificate is not right.</exception>
    public async Task<EnrollResponse> EnrollAsync(EnrollRequest request, X509Certificate2 authority)
    {
        using var channel = Open((_, certificate, offered, errors) => IsTrusted(certificate as X509Certificate2, offered, errors, authority));
        try
        {
            return await new EnrollmentService.EnrollmentServiceClient(channel).EnrollAsync(request, deadline: Deadline());
        }
        catch (RpcException) when (_refusal.Length > 0)
        {
            throw new InvalidDataException(_refusal);
        }
    }

    private GrpcChannel Open(RemoteCertificateValidationCallback check)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = Patience,
            SslOptions = new() { EnabledSslProtocols = SslProtocols.Tls13, RemoteCertificateValidationCallback = check },
        };
        return GrpcChannel.ForAddress(endpoint, new() { HttpHandler = handler, DisposeHttpClient = true });
    }

    // gRPC counts a deadline on the system's clock.
    private static DateTime Deadline() => TimeProvider.System.GetUtcNow().UtcDateTime + Patience;

    private bool IsTrusted(X509Certificate2? certificate, X509Chain? offered, SslPolicyErrors errors, X509Certificate2 authority)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (offered is not null)
            chain.ChainPolicy.ExtraStore.AddRange(offered.ChainPolicy.ExtraStore);
        if (!chain.Build(certificate))
        {
            _refusal = chain.ChainStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"the certificate of {endpoint} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z, and the clock of this host says {time.GetUtcNow().UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: set the clock (NTP), or renew the certificate (ha-controlplane init --renew)")
                : $"the certificate of {endpoint} is not of the authority in the token: {string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()).Distinct())}";
        }
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            _refusal = $"the certificate of {endpoint} does not name {endpoint.Host}: use a name that it has, or add this one (ha-controlplane init --renew --name {endpoint.Host})";
        }
        return _refusal.Length == 0;
    }
}
