using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace HaGrpc.Agent.Compat.Wire;

/// <summary>Reads XML-RPC calls (xmlrpc.com/spec). No document type, no entity of somebody's own, bounded in size and depth.</summary>
internal static class XmlRpcReader
{
    private const int Deepest = 32;
    private const long Longest = 1 << 20;

    private static readonly XmlReaderSettings Safe = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = Longest,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>The method's name and parameters.</summary>
    /// <exception cref="FormatException">It is no call.</exception>
    public static (string Method, object[] Parameters) Read(byte[] body)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), Safe);
            var call = XElement.Load(reader);
            if (call.Name.LocalName != "methodCall" || call.Element("methodName")?.Value.Trim() is not { Length: > 0 } method)
                throw new FormatException("no methodCall with a methodName");
            var values = call.Element("params")?.Elements("param").Select(p => ValueOf(p.Element("value"), 0)) ?? [];
            return (method, [.. values]);
        }
        catch (XmlException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static object ValueOf(XElement? value, int depth)
    {
        if (value is null || depth > Deepest)
            throw new FormatException(value is null ? "a value is missing" : $"values nest deeper than {Deepest}");
        if (value.Elements().FirstOrDefault() is not { } typed)
            return value.Value;
        return typed.Name.LocalName switch
        {
            "string" => typed.Value,
            "int" or "i4" => int.Parse(typed.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            "boolean" => typed.Value.Trim() is "1" or "true",
            "double" => double.Parse(typed.Value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture),
            "base64" => Encoding.UTF8.GetString(Convert.FromBase64String(typed.Value.Trim())),
            "array" => ArrayOf(typed, depth),
            "struct" => StructOf(typed, depth),
            var other => throw new FormatException($"'{other}' is no type of XML-RPC"),
        };
    }

    private static object[] ArrayOf(XElement array, int depth) =>
        [.. array.Element("data")?.Elements("value").Select(v => ValueOf(v, depth + 1)) ?? []];

    private static XmlRpcStruct StructOf(XElement element, int depth)
    {
        var result = new XmlRpcStruct();
        foreach (var member in element.Elements("member"))
            result.Add(member.Element("name")?.Value ?? "", ValueOf(member.Element("value"), depth + 1));
        return result;
    }
}
