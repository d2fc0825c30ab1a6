using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HaGrpc.Core.Identity;

/// <summary>
/// What lets a host ask for its certificate once: <c>hagrpc1join.ID.SECRET.AUTHORITY</c>. The id finds what is stored; the secret has 256 random
/// bits, so that a plain hash of it is enough to keep; the authority's hash lets the host know the right control plane before it says the secret.
/// </summary>
/// <param name="Id">Stored as it is.</param>
/// <param name="Secret">Never stored.</param>
/// <param name="AuthorityHash">SHA-256 of the authority's certificate, hexadecimal.</param>
public sealed record JoinToken(string Id, string Secret, string AuthorityHash)
{
    /// <summary>How many random bytes an id and a secret are made of.</summary>
    public const int IdBytes = 8, SecretBytes = 32;

    private const string Prefix = "hagrpc1join";
    private const int HashDigits = 64;

    /// <summary>Makes one of random bytes.</summary>
    /// <param name="id"><see cref="IdBytes"/> bytes.</param>
    /// <param name="secret"><see cref="SecretBytes"/> bytes.</param>
    /// <param name="authorityHash">SHA-256 of the authority's certificate, hexadecimal.</param>
    public static JoinToken Of(ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, string authorityHash) =>
        new(Convert.ToHexStringLower(id), Base64Url.EncodeToString(secret), authorityHash);

    /// <summary>Reads one; null for what is none.</summary>
    public static JoinToken? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('.') is [Prefix, { Length: > 0 } id, { Length: > 0 } secret, { Length: HashDigits } hash] && hash.All(char.IsAsciiHexDigitLower)
            ? new(id, secret, hash)
            : null;
    }

    /// <summary>What is stored of the secret: SHA-256 in hexadecimal.</summary>
    public string SecretHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret)));

    /// <summary>Whether the secret is the one of a stored hash; takes as long whatever is wrong with it.</summary>
    public bool Fits(string storedHash)
    {
        ArgumentNullException.ThrowIfNull(storedHash);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(SecretHash), Encoding.ASCII.GetBytes(storedHash));
    }

    /// <summary>The token; for whoever it is given to, and for nobody else.</summary>
    public string Text => $"{Prefix}.{Id}.{Secret}.{AuthorityHash}";

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}.{Id}";
}
