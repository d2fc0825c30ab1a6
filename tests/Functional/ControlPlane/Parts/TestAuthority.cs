using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>A certificate authority with a folder of PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-ca-");
    private readonly X509Certificate2 _root;
    private int _serial;

    public TestAuthority(string name)
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Yesterday, Yesterday.AddDays(30));
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    public string RootFile => Path.Combine(_folder.FullName, "ca.pem");

    /// <summary>A certificate for a server on 127.0.0.1.</summary>
    /// <param name="from">When it begins to be valid, from now; null for a day ago.</param>
    /// <param name="to">When it ends, from now; null for weeks.</param>
    public (string Certificate, string Key) Server(TimeSpan? from = null, TimeSpan? to = null) => Issue("control-plane", ServerAuthentication, from: from, to: to);

    /// <summary>A certificate for a host's agent or an operator.</summary>
    public (string Certificate, string Key) Client(string name, string? uri = null, TimeSpan? from = null, TimeSpan? to = null) =>
        Issue(name, ClientAuthentication, uri, from, to);

    public void Dispose()
    {
        _root.Dispose();
        _folder.Delete(recursive: true);
    }

    private static DateTimeOffset Yesterday => TimeProvider.System.GetUtcNow().AddDays(-1);

    private (string Certificate, string Key) Issue(string name, string purpose, string? uri = null, TimeSpan? from = null, TimeSpan? to = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        if (uri is not null)
            names.AddUri(new(uri));
        request.CertificateExtensions.Add(names.Build());
        var serial = (byte)Interlocked.Increment(ref _serial);
        using var certificate = request.Create(
            _root, from is null ? Yesterday : TimeProvider.System.GetUtcNow() + from.Value, to is null ? Yesterday.AddDays(20) : TimeProvider.System.GetUtcNow() + to.Value, [serial]);
        var file = Path.Combine(_folder.FullName, $"{name}-{serial}");
        File.WriteAllText($"{file}.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{file}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{file}.pem", $"{file}.key");
    }
}
