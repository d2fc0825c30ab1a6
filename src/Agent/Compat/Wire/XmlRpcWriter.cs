using System.Globalization;
using System.Text;
using System.Xml;
using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat.Wire;

/// <summary>Writes XML-RPC answers.</summary>
internal static class XmlRpcWriter
{
    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize,
    };

    /// <summary>An answer that holds one value.</summary>
    public static byte[] Answer(object value) => Response(writer =>
    {
        writer.WriteStartElement("params");
        writer.WriteStartElement("param");
        Write(writer, value);
        writer.WriteEndElement();
        writer.WriteEndElement();
    });

    /// <summary>An answer that is a fault.</summary>
    public static byte[] Fault(SupervisorFault fault) => Response(writer =>
    {
        writer.WriteStartElement("fault");
        Write(writer, StructOf(fault));
        writer.WriteEndElement();
    });

    /// <summary>A fault as a value.</summary>
    public static XmlRpcStruct StructOf(SupervisorFault fault) =>
        new() { { "faultCode", (int)fault.Code }, { "faultString", fault.Text } };

    private static byte[] Response(Action<XmlWriter> content)
    {
        var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, Settings))
        {
            writer.WriteStartDocument();
            writer.WriteStartElement("methodResponse");
            content(writer);
            writer.WriteEndElement();
        }
        return bytes.ToArray();
    }

    private static void Write(XmlWriter writer, object value)
    {
        writer.WriteStartElement("value");
        switch (value)
        {
            case int number:
                writer.WriteElementString("int", number.ToString(CultureInfo.InvariantCulture));
                break;
            case bool flag:
                writer.WriteElementString("boolean", flag ? "1" : "0");
                break;
            case double number:
                writer.WriteElementString("double", number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case string text:
                writer.WriteElementString("string", Clean(text));
                break;
            case XmlRpcStruct members:
                writer.WriteStartElement("struct");
                foreach (var (name, member) in members)
                {
                    writer.WriteStartElement("member");
                    writer.WriteElementString("name", name);
                    Write(writer, member);
                    writer.WriteEndElement();
                }
                writer.WriteEndElement();
                break;
            case IEnumerable<object> items:
                writer.WriteStartElement("array");
                writer.WriteStartElement("data");
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndElement();
                writer.WriteEndElement();
                break;
            default:
                throw new InvalidOperationException($"XML-RPC has no type for {value.GetType().Name}");
        }
        writer.WriteEndElement();
    }

    /// <summary>A program may log bytes that XML cannot carry.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        }
        return clean.ToString();
    }
}
