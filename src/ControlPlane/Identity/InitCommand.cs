using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Linux.Files;

namespace HaGrpc.ControlPlane.Identity;

/// <summary><c>ha-controlplane init</c>: all of it, or nothing.</summary>
internal static class InitCommand
{
    private const int Done = 0, Failed = 1, BadInput = 2;

    /// <summary>Runs it.</summary>
    /// <param name="arguments">What stands behind <c>init</c>.</param>
    /// <param name="output">For what was made.</param>
    /// <param name="error">For what is wrong.</param>
    /// <param name="time">The wall clock.</param>
    /// <returns>The exit code: 1 when it was refused or failed, 2 for bad arguments.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, TimeProvider time)
    {
        if (arguments.Any(a => a is "--help" or "-h"))
        {
            output.WriteLine(InitOptions.Help);
            return Done;
        }
        var errors = new List<string>();
        var options = InitOptions.Read(arguments, errors);
        if (errors.Count > 0)
            return Say(errors, BadInput);
        var files = new IdentityFiles(options.Folder);
        try
        {
            var problems = options.Renew ? Missing(files) : options.Force ? [] : InTheWay(files, options);
            if (problems.Length > 0)
                return Say(problems, Failed);
            if (options.Renew)
                Renew(files, options, output, time.GetUtcNow());
            else
                Make(files, options, output, time.GetUtcNow());
            return Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Say([e.Message], Failed);
        }

        int Say(IEnumerable<string> lines, int code)
        {
            foreach (var line in lines)
                error.WriteLine($"ha-controlplane init: {line}");
            return code;
        }
    }

    private static string[] InTheWay(IdentityFiles files, InitOptions options)
    {
        string[] there =
        [
            .. new[] { files.AuthorityCertificate, files.AuthorityKey, files.Server, files.OperatorCertificate(options.Admin), files.OperatorKey(options.Admin), files.FirstAdmin }
                .Where(File.Exists),
        ];
        return there.Length == 0
            ? []
            : [.. there.Select(f => $"{f} is there already"), "nothing was changed: --renew keeps the authority and renews certificates, --force replaces everything"];
    }

    private static string[] Missing(IdentityFiles files)
    {
        string[] missing = [.. new[] { files.AuthorityCertificate, files.AuthorityKey, files.Server }.Where(f => !File.Exists(f))];
        return missing.Length == 0 ? [] : [.. missing.Select(f => $"there is no {f}"), "nothing was changed: --renew needs what init has made before"];
    }

    private static void Make(IdentityFiles files, InitOptions options, TextWriter output, DateTimeOffset now)
    {
        var authority = CertificateAuthority.Create(now);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = authority.IssueServer(options.AllNames(), PublicKeyOf(serverKey), now);
        using var authorityKey = authority.Certificate.GetECDsaPrivateKey()!;
        PrivateFile.MakeFolder(files.Folder);
        PrivateFile.MakeFolder(Path.GetDirectoryName(files.OperatorKey(options.Admin))!);
        StoreOperator(files, options.Admin, authority, now);
        files.StoreServer(server, serverKey);
        PrivateFile.Write(files.FirstAdmin, options.Admin + "\n");
        PrivateFile.Write(files.AuthorityKey, authorityKey.ExportPkcs8PrivateKeyPem() + "\n");
        // The last one: with it a control plane would start.
        PrivateFile.Write(files.AuthorityCertificate, authority.Pem);
        var url = Url(options.AllNames()[0]);
        output.WriteLine(
            $"""
            {files.AuthorityCertificate}  the authority, SHA-256 {authority.Hash}
            {files.AuthorityKey}  its key: whoever has it can be everybody; keep a copy away from here
            {files.Server}  this control plane's certificate and key, for {string.Join(", ", options.AllNames())}
            {files.OperatorCertificate(options.Admin)}  the first operator's certificate, the key is beside it: move both to {options.Admin}

            Next:
              ha-controlplane --data-dir {files.Folder} --listen-grpc 0.0.0.0:7443
              hactl context add {url.Host} --endpoint {url.GetLeftPart(UriPartial.Authority)} --tls-ca {files.AuthorityCertificate} --tls-cert {files.OperatorCertificate(options.Admin)} --tls-key {files.OperatorKey(options.Admin)}
              hactl token create --host NAME
            """);
    }

    private static void Renew(IdentityFiles files, InitOptions options, TextWriter output, DateTimeOffset now)
    {
        var authority = files.Authority()!;
        using var before = X509Certificate2.CreateFromPem(File.ReadAllText(files.Server));
        var names = options.Names.IsEmpty ? ServerRenewal.HostsOf(before) : options.AllNames();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = authority.IssueServer(names, PublicKeyOf(key), now);
        if (options.Admin.Length > 0)
        {
            PrivateFile.MakeFolder(Path.GetDirectoryName(files.OperatorKey(options.Admin))!);
            StoreOperator(files, options.Admin, authority, now);
            output.WriteLine($"{files.OperatorCertificate(options.Admin)}  a certificate for {options.Admin}, the key is beside it (hactl operator add {options.Admin} says what they may)");
        }
        files.StoreServer(server, key);
        output.WriteLine($"{files.Server}  renewed for {string.Join(", ", names)}; a running control plane shows it to new connections");
    }

    private static void StoreOperator(IdentityFiles files, string name, CertificateAuthority authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.IssueOperator(name, PublicKeyOf(key), now);
        PrivateFile.Write(files.OperatorKey(name), key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(files.OperatorCertificate(name), certificate.ExportCertificatePem() + "\n");
    }

    private static Uri Url(string name) =>
        new(IPAddress.TryParse(name, out var address) ? $"https://{new IPEndPoint(address, 7443)}" : $"https://{name}:7443");

    private static PublicKey PublicKeyOf(ECDsa key) => new(key);
}
