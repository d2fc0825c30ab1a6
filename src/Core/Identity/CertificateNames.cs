using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HaGrpc.Core.Identity;

/// <summary>Reads the names out of a certificate.</summary>
public static class CertificateNames
{
    private const string CommonNameOid = "2.5.4.3";

    // GeneralName of RFC 5280: uniformResourceIdentifier [6] IA5String.
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Whom it names.</summary>
    public static CertificateClaim ClaimOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToArray();
        return CertificateClaim.Of(
            CommonNames(certificate), alternatives.SelectMany(e => e.EnumerateDnsNames()), alternatives.SelectMany(e => Uris(e.RawData)));
    }

    /// <summary>SHA-256 of the whole certificate, hexadecimal: what it is known by, whoever has signed it.</summary>
    public static string FingerprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    private static List<string> CommonNames(X509Certificate2 certificate)
    {
        var names = new List<string>();
        try
        {
            foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
            {
                if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid && part.GetSingleElementValue() is { } name)
                    names.Add(name);
            }
        }
        catch (CryptographicException)
        {
            // What cannot be read names nobody.
        }
        return names;
    }

    private static List<string> Uris(byte[] alternatives)
    {
        var uris = new List<string>();
        try
        {
            var sequence = new AsnReader(alternatives, AsnEncodingRules.DER).ReadSequence();
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
}
