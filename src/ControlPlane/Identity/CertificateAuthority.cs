using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Core.Identity;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>Signs certificates of hosts, operators and control planes.</summary>
/// <param name="certificate">The authority's, with its key.</param>
internal sealed class CertificateAuthority(X509Certificate2 certificate)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int SerialBytes = 16;
    private static readonly TimeSpan Life = TimeSpan.FromDays(3650);

    // Clocks differ: what is issued is valid at once where it goes.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    /// <summary>How long certificates of servers and operators are valid.</summary>
    public static TimeSpan ServerLife { get; } = TimeSpan.FromDays(365);

    /// <summary>The authority's certificate.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>It in PEM.</summary>
    public string Pem => certificate.ExportCertificatePem() + "\n";

    /// <summary>SHA-256 of it, hexadecimal: what join tokens pin.</summary>
    public string Hash => CertificateNames.FingerprintOf(certificate);

    /// <summary>A new authority.</summary>
    /// <param name="now">The wall clock.</param>
    public static CertificateAuthority Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A number in the name tells authorities apart in logs; two with one name would be confused by chains, too.
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName($"HaGrpc authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        // Some way back: what it issues begins earlier than it is issued.
        return new(request.CreateSelfSigned(now - TimeSpan.FromDays(1), now + Life));
    }

    /// <summary>A host's certificate.</summary>
    /// <param name="host">For which it speaks.</param>
    /// <param name="key">Its public key.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="life">How long it is valid; no longer than the authority.</param>
    public X509Certificate2 IssueHost(string host, PublicKey key, DateTimeOffset now, TimeSpan life)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(CertificateClaim.HostUri(host));
        return Issue(host, key, ClientAuthentication, names, now, life);
    }

    /// <summary>An operator's certificate.</summary>
    /// <param name="name">Whom it names.</param>
    /// <param name="key">Its public key.</param>
    /// <param name="now">The wall clock.</param>
    public X509Certificate2 IssueOperator(string name, PublicKey key, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(CertificateClaim.OperatorUri(name));
        return Issue(name, key, ClientAuthentication, names, now, ServerLife);
    }

    /// <summary>A control plane's certificate.</summary>
    /// <param name="hosts">Names and addresses by which it is reached.</param>
    /// <param name="key">Its public key.</param>
    /// <param name="now">The wall clock.</param>
    public X509Certificate2 IssueServer(IReadOnlyList<string> hosts, PublicKey key, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }
        return Issue("ha-controlplane", key, ServerAuthentication, names, now, ServerLife);
    }

    private X509Certificate2 Issue(
        string name, PublicKey key, string purpose, SubjectAlternativeNameBuilder names, DateTimeOffset now, TimeSpan life)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var own = certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("the authority's key is none on an elliptic curve");
        var (from, to) = (Latest(now - Before, NotBefore), Earliest(now + life, NotAfter));
        return request.Create(certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(own), from, to, NewSerial());
    }

    private DateTimeOffset NotBefore => new(certificate.NotBefore.ToUniversalTime());

    private DateTimeOffset NotAfter => new(certificate.NotAfter.ToUniversalTime());

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    // Positive, and no leading zero: RFC 5280, 4.1.2.2.
    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        return serial;
    }
}
