using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Connection;

/// <summary>Refuses exactly what the runtime refuses, and says why so that somebody can do something about it.</summary>
internal static class ServerCertificateCheck
{
    /// <summary>Of a connection to a host.</summary>
    /// <param name="host">As the operator has named it.</param>
    internal static RemoteCertificateValidationCallback Of(string host) => (_, certificate, chain, errors) =>
        errors == SslPolicyErrors.None || Refuse(new(errors, certificate as X509Certificate2, chain, host));

    private static bool Refuse(RefusedCertificateException why) => throw why;
}

/// <summary>A control plane's certificate is none to be trusted.</summary>
internal sealed class RefusedCertificateException : AuthenticationException
{
    internal RefusedCertificateException(SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? chain, string host)
        : base(Why(errors, certificate, chain, host)) => IsForTime = certificate is not null && IsOnlyLate(errors, chain);

    /// <summary>True when it would be trusted at another time; the message is whole then.</summary>
    internal bool IsForTime { get; }

    private static string Why(SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? chain, string host)
    {
        if (certificate is null)
            return Speech.Of("it has none");
        if (IsOnlyLate(errors, chain))
        {
            // An authority's may be what is too old.
            foreach (var element in chain!.ChainElements)
            {
                if (CertificateTimes.Problem(Speech.Of($"its certificate of {element.Certificate.Subject}"), element.Certificate, TimeProvider.System.GetUtcNow()) is { } problem)
                    return problem;
            }
        }
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons.Add(Speech.Of($"it is for {string.Join(", ", Names(certificate))}, and not for {host}"));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            reasons.AddRange(chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct() ?? []);
        return string.Join("; ", reasons);
    }

    private static bool IsOnlyLate(SslPolicyErrors errors, X509Chain? chain) => errors == SslPolicyErrors.RemoteCertificateChainErrors
        && chain is { ChainStatus.Length: > 0 } && chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.NotTimeValid);

    private static string[] Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToArray();
        return names.Length > 0 ? names : [certificate.Subject];
    }
}
