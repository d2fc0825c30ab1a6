using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HaGrpc.ControlPlane.Access;

/// <summary>Whom a client certificate names.</summary>
/// <param name="Operator">The operator: of the URI <c>hagrpc://operator/NAME</c>, else the common name; null for none.</param>
/// <param name="Host">The host of the URI <c>hagrpc://host/NAME</c>: it is an agent's; null for none.</param>
internal sealed record CertificateNames(string? Operator, string? Host)
{
    private const string OperatorPrefix = "hagrpc://operator/", HostPrefix = "hagrpc://host/";
    private const string CommonNameOid = "2.5.4.3";

    // GeneralName of RFC 5280: uniformResourceIdentifier [6] IA5String.
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Reads them.</summary>
    public static CertificateNames Of(X509Certificate2 certificate)
    {
        var uris = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => Uris(e.RawData)).ToArray();
        return new(After(uris, OperatorPrefix) ?? CommonName(certificate), After(uris, HostPrefix));
    }

    private static string? After(IEnumerable<string> uris, string prefix) => uris
        .Where(u => u.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && u.Length > prefix.Length)
        .Select(u => Uri.UnescapeDataString(u[prefix.Length..])).FirstOrDefault();

    private static List<string> Uris(byte[] names)
    {
        var uris = new List<string>();
        try
        {
            var sequence = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag().HasSameClassAndValue(UriTag))
                    uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                else
                    _ = sequence.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // What is no list of names has none that we could read.
        }
        return uris;
    }

    private static string? CommonName(X509Certificate2 certificate)
    {
        try
        {
            return certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)
                .Select(part => part.GetSingleElementValue()).FirstOrDefault();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
