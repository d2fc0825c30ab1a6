using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>
/// What stands for a call with all that it says, secrets too: another environment of a program is another act. Why it is made and whether it is waited
/// for make no difference to what it hits.
/// </summary>
internal static class CallDigest
{
    private static readonly string[] LeftOut = ["reason", "no_wait"];

    /// <summary>SHA-256 in hexadecimal.</summary>
    /// <param name="call"><c>SERVICE/CALL</c>.</param>
    /// <param name="request">Its request.</param>
    public static string Of(string call, IMessage request)
    {
        var whole = request is UpdateProcessesRequest update ? WholeOf(update) : request;
        var fields = CanonicalJson.Of(writer =>
        {
            writer.WriteStartObject();
            foreach (var field in CanonicalJson.FieldsOf(whole).Where(f => !LeftOut.Contains(f.Name)))
            {
                writer.WritePropertyName(field.Name);
                CanonicalJson.WriteField(writer, field, whole, withSecrets: true);
            }
            writer.WriteEndObject();
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call}\n{fields}")));
    }

    /// <summary>An update as a whole, whichever step of it this is, and whether it goes forward or back.</summary>
    private static UpdateProcessesRequest WholeOf(UpdateProcessesRequest step)
    {
        var whole = step.Clone();
        whole.Processes.Clear();
        if (step.Program is not null && step.Earlier is not null
            && string.CompareOrdinal(Of("", step.Program), Of("", step.Earlier)) > 0)
        {
            (whole.Program, whole.Earlier) = (whole.Earlier, whole.Program);
        }
        return whole;
    }
}
