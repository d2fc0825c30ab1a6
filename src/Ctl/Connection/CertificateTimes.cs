using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Connection;

/// <summary>When a certificate is valid, for whoever has one that is not: either it is too old or too new, or a clock is wrong, and nobody but a person knows which.</summary>
internal static class CertificateTimes
{
    /// <summary>Why a certificate is not valid now; null when it is.</summary>
    /// <param name="what">What it is called, at the beginning of a sentence's part.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">By the clock of this machine.</param>
    internal static string? Problem(string what, X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, to) = (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
        return now > to ? Speech.Of($"{what} expired at {Shown(to)}, and by the clock of this machine it is {Shown(now)}. Renew it, or set the clock right that is wrong")
            : now < from ? Speech.Of($"{what} is valid from {Shown(from)} on, and by the clock of this machine it is {Shown(now)}. Renew it, or set the clock right that is wrong")
            : null;
    }

    /// <summary>The same of the operator's own certificate; null also when there is none, or none that can be read.</summary>
    internal static string? Problem(Endpoint endpoint, DateTimeOffset now)
    {
        if (endpoint.Certificate is not { } file)
            return null;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return Problem(Speech.Of($"the client certificate {file}"), certificate, now);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Shown(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
