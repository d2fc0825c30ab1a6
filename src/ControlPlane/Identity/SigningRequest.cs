using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>What a host sends to get a certificate: PKCS #10. Nothing in it but the public key counts, whatever names it asks for.</summary>
internal static class SigningRequest
{
    private const int Longest = 8 << 10;
    private const string Right = "right is a PKCS #10 request in DER, signed with its own P-256 or P-384 key";

    /// <summary>The public key, whose owner has signed the request.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is none.</exception>
    public static PublicKey KeyOf(ByteString request)
    {
        if (request.Length is 0 or > Longest)
            throw Wrong($"it has {request.Length} bytes");
        try
        {
            var key = CertificateRequest.LoadSigningRequest(request.ToByteArray(), HashAlgorithmName.SHA256).PublicKey;
            using var curve = key.GetECDsaPublicKey();
            return curve?.KeySize is 256 or 384 ? key : throw Wrong("its key is of another kind");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw Wrong(e.Message);
        }
    }

    private static RpcException Wrong(string why) => new(new Status(StatusCode.InvalidArgument, $"signing_request: {why.TrimEnd('.')}; {Right}"));
}
