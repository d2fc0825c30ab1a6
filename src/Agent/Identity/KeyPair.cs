using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Core.Identity;

namespace HaGrpc.Agent.Identity;

/// <summary>A key that is made here and never leaves this host, and what is asked and got for it.</summary>
internal sealed class KeyPair : IDisposable
{
    /// <summary>The key.</summary>
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PKCS #10 in DER. It asks for no name: whoever signs knows whose the token or the certificate before is.</summary>
    public byte[] SigningRequest() => new CertificateRequest(new X500DistinguishedName("CN=ha-agent"), Key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>Why a certificate is not the one that was asked for; null when it is.</summary>
    /// <param name="certificate">PEM.</param>
    /// <param name="host">For which host it is to be.</param>
    public string? Objection(string certificate, string host)
    {
        try
        {
            using var given = X509Certificate2.CreateFromPem(certificate);
            using var theirs = given.GetECDsaPublicKey();
            if (theirs is null || !theirs.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(Key.ExportSubjectPublicKeyInfo()))
                return "the certificate is for another key";
            var claim = CertificateNames.ClaimOf(given);
            return claim.SpeaksFor(host) ? null : $"the certificate is for {claim}, not for host '{host}'";
        }
        catch (CryptographicException e)
        {
            return $"the certificate cannot be read: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
