using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Connection;

/// <summary>Where the control plane is and how to prove who is who.</summary>
/// <param name="Url">For example <c>http://127.0.0.1:7443</c>, or <c>https://…</c> for TLS.</param>
/// <param name="Certificate">PEM file of this operator's certificate; null for none.</param>
/// <param name="Key">PEM file of its key.</param>
/// <param name="Authority">PEM file of the CA that signed the control plane's certificate; null for the system's.</param>
internal sealed record Endpoint(string Url, string? Certificate, string? Key, string? Authority)
{
    /// <summary>The operator's token; null for none.</summary>
    internal string? Token { get; init; }

    /// <summary>What is wrong with the combination, and what would be right; null when nothing is.</summary>
    internal string? Problem()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return Speech.Of($"--endpoint {Url}: not a URL such as http://127.0.0.1:7443 or https://ha.example:7443");
        if (uri.PathAndQuery != "/")
            return Speech.Of($"--endpoint {Url}: only scheme, host and port: {uri.GetLeftPart(UriPartial.Authority)}");
        if (uri.Scheme == "http" && (Certificate ?? Key ?? Authority) is not null)
            return Speech.Of($"--endpoint {Url}: TLS files are given, but http is without TLS: write https://{uri.Authority}");
        if (uri.Scheme == "http" && Token is not null && !uri.IsLoopback)
            return Speech.Of($"--endpoint {Url}: a token would go over the network for everybody to read: write https://{uri.Authority}");
        // It would be cut, or refused far from here as another thing.
        if (Token is not null && Token.Any(c => c is <= ' ' or > '~'))
            return Speech.Of("the token (HACTL_TOKEN, or of the context) has blanks, line ends or other characters that no token has");
        if (Certificate is null != Key is null)
            return Speech.Of("--tls-cert and --tls-key belong together: give both, or none");
        foreach (var (option, file) in new[] { ("--tls-cert", Certificate), ("--tls-key", Key), ("--tls-ca", Authority) })
        {
            if (file is not null && !File.Exists(file))
                return Speech.Of($"{option} {file}: no such file");
        }
        return null;
    }
}
