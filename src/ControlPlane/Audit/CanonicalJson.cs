using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>
/// Messages as JSON for the audit: fields by name, in ordinal order, what is not set left out. The value of a field that the
/// proto marks <c>debug_redact</c> is a secret: that it is there is written, and not what it is.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>What stands for a secret.</summary>
    public const string LeftOut = "(left out)";

    // The audit is kept for ever: a request of megabytes is noted by its length and hash.
    private const int LongestText = 256 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly ConcurrentDictionary<FieldDescriptor, bool> Secrets = new();

    /// <summary>A whole message.</summary>
    public static string Of(IMessage message) => Of(writer => WriteMessage(writer, message));

    /// <summary>What somebody writes; too much of it becomes its length and its SHA-256.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        var bytes = Render(write);
        if (bytes.WrittenCount > LongestText)
        {
            var whole = bytes;
            bytes = Render(writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("bytes_left_out", whole.WrittenCount);
                writer.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(whole.WrittenSpan)));
                writer.WriteEndObject();
            });
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>True when what the field holds may not be written down.</summary>
    public static bool IsSecret(FieldDescriptor field) => Secrets.GetOrAdd(field, static f => f.GetOptions()?.DebugRedact == true);

    /// <summary>The fields of a message that are set, in the order in which they are written.</summary>
    public static IEnumerable<FieldDescriptor> FieldsOf(IMessage message) =>
        message.Descriptor.Fields.InDeclarationOrder().Where(f => IsSet(f, message)).OrderBy(f => f.Name, StringComparer.Ordinal);

    /// <summary>The value of a field.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="field">The field.</param>
    /// <param name="message">Whose.</param>
    /// <param name="withSecrets">True: what is only hashed may hold secrets, and has to.</param>
    public static void WriteField(Utf8JsonWriter writer, FieldDescriptor field, IMessage message, bool withSecrets = false)
    {
        var value = field.Accessor.GetValue(message);
        var isSecret = !withSecrets && IsSecret(field);
        if (field.IsMap)
            WriteMap(writer, field, (IDictionary)value, isSecret, withSecrets);
        else if (isSecret)
            writer.WriteStringValue(LeftOut);
        else if (field.IsRepeated)
            WriteList(writer, field, (IList)value, withSecrets);
        else
            WriteValue(writer, field, value, withSecrets);
    }

    private static ArrayBufferWriter<byte> Render(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes, Options);
        write(writer);
        writer.Flush();
        return bytes;
    }

    private static bool IsSet(FieldDescriptor field, IMessage message)
    {
        if (field.HasPresence)
            return field.Accessor.HasValue(message);
        return field.Accessor.GetValue(message) switch
        {
            ICollection many => many.Count > 0,
            string text => text.Length > 0,
            ByteString bytes => bytes.Length > 0,
            bool set => set,
            System.Enum value => Convert.ToInt32(value, CultureInfo.InvariantCulture) != 0,
            var number => Convert.ToDouble(number, CultureInfo.InvariantCulture) != 0,
        };
    }

    private static void WriteMessage(Utf8JsonWriter writer, IMessage message, bool withSecrets = false)
    {
        writer.WriteStartObject();
        foreach (var field in FieldsOf(message))
        {
            writer.WritePropertyName(field.Name);
            WriteField(writer, field, message, withSecrets);
        }
        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, FieldDescriptor field, IDictionary map, bool isSecret, bool withSecrets)
    {
        var of = field.MessageType.FindFieldByNumber(2);
        var entries = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in map)
            entries[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = entry.Value!;
        writer.WriteStartObject();
        foreach (var (key, value) in entries)
        {
            writer.WritePropertyName(key);
            if (isSecret)
                writer.WriteStringValue(LeftOut);
            else
                WriteValue(writer, of, value, withSecrets);
        }
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, FieldDescriptor field, IList list, bool withSecrets)
    {
        writer.WriteStartArray();
        foreach (var value in list)
            WriteValue(writer, field, value!, withSecrets);
        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, FieldDescriptor field, object value, bool withSecrets)
    {
        switch (value)
        {
            case Timestamp at:
                writer.WriteStringValue(at.ToDiagnosticString().Trim('"'));
                break;
            case Duration time:
                writer.WriteStringValue(time.ToDiagnosticString().Trim('"'));
                break;
            case IMessage message:
                WriteMessage(writer, message, withSecrets);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case ByteString bytes:
                writer.WriteStringValue(bytes.ToBase64());
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case System.Enum:
                var number = Convert.ToInt32(value, CultureInfo.InvariantCulture);
                if (field.EnumType.FindValueByNumber(number) is { } known)
                    writer.WriteStringValue(known.Name);
                else
                    writer.WriteNumberValue(number);
                break;
            case double or float:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
