using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Linux.Files;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>What <c>ha-controlplane init</c> makes, below one folder.</summary>
/// <param name="Folder">Absolute.</param>
internal sealed record IdentityFiles(string Folder)
{
    /// <summary>The authority's certificate.</summary>
    public string AuthorityCertificate => Path.Combine(Folder, "ca.crt");

    /// <summary>Its key: whoever has it can be everybody. A control plane without it serves, and issues nothing.</summary>
    public string AuthorityKey => Path.Combine(Folder, "ca.key");

    /// <summary>The server's certificate and its key in one file, so that both are replaced at once.</summary>
    public string Server => Path.Combine(Folder, "server.pem");

    /// <summary>The name of the operator whom the first start lets in; gone after that.</summary>
    public string FirstAdmin => Path.Combine(Folder, "first-admin");

    /// <summary>The database, unless another is named.</summary>
    public string Database => Path.Combine(Folder, "controlplane.db");

    /// <summary>An operator's certificate.</summary>
    public string OperatorCertificate(string name) => Path.Combine(Folder, "operators", $"{name}.crt");

    /// <summary>An operator's key.</summary>
    public string OperatorKey(string name) => Path.Combine(Folder, "operators", $"{name}.key");

    /// <summary>The authority, which can issue; null when its key is not here.</summary>
    /// <exception cref="CryptographicException">The files are not what they should be.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">They are not readable by this user.</exception>
    public CertificateAuthority? Authority() => File.Exists(AuthorityKey)
        ? new(X509Certificate2.CreateFromPemFile(AuthorityCertificate, AuthorityKey))
        : null;

    /// <summary>Stores the server's certificate.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not let this user in.</exception>
    public void StoreServer(X509Certificate2 certificate, ECDsa key) => PrivateFile.Write(Server, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
}
