using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using HaGrpc.ControlPlane.Audit;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What stands for a call with all that it says. Why it is made and whether it is waited for make no difference to what it hits.</summary>
internal static class CallDigest
{
    private static readonly string[] LeftOut = ["reason", "no_wait"];

    /// <summary>SHA-256 in hexadecimal.</summary>
    /// <param name="call"><c>SERVICE/CALL</c>.</param>
    /// <param name="request">Its request.</param>
    public static string Of(string call, IMessage request)
    {
        var fields = CanonicalJson.Of(writer =>
        {
            writer.WriteStartObject();
            foreach (var field in CanonicalJson.FieldsOf(request).Where(f => !LeftOut.Contains(f.Name)))
            {
                writer.WritePropertyName(field.Name);
                CanonicalJson.WriteField(writer, field, request);
            }
            writer.WriteEndObject();
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call}\n{fields}")));
    }
}
