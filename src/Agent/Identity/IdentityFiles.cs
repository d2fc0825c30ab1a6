using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Agent.Configuration;
using HaGrpc.Core.Identity;
using HaGrpc.Linux.Files;

namespace HaGrpc.Agent.Identity;

/// <summary>What <c>ha-agent join</c> has brought, below the state directory.</summary>
/// <param name="StateDirectory">Absolute.</param>
internal sealed record IdentityFiles(string StateDirectory)
{
    private string Folder => Path.Combine(StateDirectory, "identity");

    /// <summary>The certificate and its key in one file, so that both are replaced at once: connections read it whenever they are made.</summary>
    public string Certificate => Path.Combine(Folder, "agent.pem");

    /// <summary>Whom to trust.</summary>
    public string Authority => Path.Combine(Folder, "ca.pem");

    /// <summary>True when this host has joined.</summary>
    public bool Exist => File.Exists(Certificate) && File.Exists(Authority);

    /// <summary>They as PEM files for connections.</summary>
    public TlsFiles Tls => new(Certificate, Certificate, Authority);

    /// <summary>The certificate with its key.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not readable by this user.</exception>
    /// <exception cref="CryptographicException">It is not what it should be.</exception>
    public X509Certificate2 Read() => X509Certificate2.CreateFromPemFile(Certificate, Certificate);

    /// <summary>The host that the certificate is for; null when there is none or it cannot be read.</summary>
    public string? Host()
    {
        if (!Exist)
            return null;
        try
        {
            using var own = Read();
            return CertificateNames.ClaimOf(own).Host;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null; // Whoever uses it says so.
        }
    }

    /// <summary>Makes the folder, and sees whether it can be written to: a token is good once.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot by this user.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(StateDirectory);
        PrivateFile.MakeFolder(Folder);
        var trial = Path.Combine(Folder, "trial");
        PrivateFile.Write(trial, "");
        File.Delete(trial);
    }

    /// <summary>Stores a certificate in place of the one before.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="certificate">PEM.</param>
    /// <param name="authority">PEM.</param>
    /// <exception cref="IOException">It could not be written; what was there before is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">It could not be written by this user.</exception>
    public void Store(ECDsa key, string certificate, string authority)
    {
        PrivateFile.Write(Authority, authority);
        PrivateFile.Write(Certificate, $"{certificate.TrimEnd()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }
}
