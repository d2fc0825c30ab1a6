using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.ControlPlane.Configuration;

namespace HaGrpc.ControlPlane.Listeners;

/// <summary>Reads the PEM files.</summary>
internal static class TlsFiles
{
    /// <summary>What is wrong with the files that are named, one line each.</summary>
    public static IEnumerable<string> Check(TlsOptions tls)
    {
        if (tls.Certificate.Length > 0 && tls.Key.Length > 0
            && Problem(() => ServerCertificate(tls)) is { } server)
        {
            yield return $"Tls:Certificate is '{tls.Certificate}', Tls:Key is '{tls.Key}': {server} Right are a PEM certificate "
                + "and its own unencrypted PEM key, readable by this user";
        }
        if (tls.ClientCa.Length > 0 && Problem(() => ClientAuthorities(tls)) is { } authority)
            yield return $"Tls:ClientCa is '{tls.ClientCa}': {authority} Right are one or more PEM certificates";
    }

    /// <summary>The server's certificate with its key.</summary>
    /// <exception cref="CryptographicException">Not what it should be.</exception>
    public static X509Certificate2 ServerCertificate(TlsOptions tls) =>
        X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);

    /// <summary>The certificates behind the server's own in its file.</summary>
    public static X509Certificate2Collection Intermediates(TlsOptions tls)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(tls.Certificate);
        if (all.Count > 0)
            all.RemoveAt(0);
        return all;
    }

    /// <summary>Who may sign client certificates.</summary>
    /// <exception cref="CryptographicException">Not what it should be.</exception>
    public static X509Certificate2Collection ClientAuthorities(TlsOptions tls)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(tls.ClientCa);
        return all.Count > 0 ? all : throw new CryptographicException("No certificate is in it.");
    }

    /// <summary>Why something cannot be read; null when it can.</summary>
    public static string? Problem(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return e.Message.TrimEnd('.') + ".";
        }
    }
}
