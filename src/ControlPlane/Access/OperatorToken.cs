using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HaGrpc.ControlPlane.Access;

/// <summary>
/// A token of automation: <c>hagrpc1op.ID.SECRET</c>. The id finds the account; the secret has 256 random bits, so that a plain hash of it
/// is enough to keep: nobody can try them all.
/// </summary>
/// <param name="Id">Stored as it is.</param>
/// <param name="Secret">Never stored.</param>
internal sealed record OperatorToken(string Id, string Secret)
{
    private const string Prefix = "hagrpc1op";
    private const int IdBytes = 8, SecretBytes = 32;

    /// <summary>What is stored of the secret: SHA-256 in hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret)));

    /// <summary>A new one.</summary>
    public static OperatorToken Create() => new(
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Reads one; null for what is none.</summary>
    public static OperatorToken? Parse(string text) => text.Split('.') is [Prefix, { Length: > 0 } id, { Length: > 0 } secret] ? new(id, secret) : null;

    /// <summary>Whether the secret is the one of a stored hash; takes as long whatever is wrong with it.</summary>
    public bool Fits(string storedHash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash), Encoding.ASCII.GetBytes(storedHash));

    /// <summary>The token; for whoever it is given to, and for nobody else.</summary>
    public string Text => $"{Prefix}.{Id}.{Secret}";

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}.{Id}";
}
