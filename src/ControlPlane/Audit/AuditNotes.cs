using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>What a call notes about itself for its entry in the audit.</summary>
internal sealed class AuditNotes
{
    private static readonly object Key = typeof(AuditNotes);

    private readonly List<(string Object, IMessage? Before, IMessage? After)> _changes = [];

    /// <summary>Those of a call; every call has them, also one that nobody audits.</summary>
    public static AuditNotes Of(ServerCallContext context)
    {
        if (context.UserState.TryGetValue(Key, out var known))
            return (AuditNotes)known;
        var notes = new AuditNotes();
        context.UserState[Key] = notes;
        return notes;
    }

    /// <summary>Something stored has changed: what it was, and what it is; null for nothing. Messages of one type.</summary>
    public void Change(string about, IMessage? before, IMessage? after) => _changes.Add((about, before, after));

    /// <summary>The changes as JSON: of each object the fields that differ. Empty when there are none.</summary>
    public string ToJson() => _changes.Count == 0 ? "" : CanonicalJson.Of(writer =>
    {
        writer.WriteStartArray();
        foreach (var (about, before, after) in _changes)
        {
            writer.WriteStartObject();
            writer.WriteString("object", about);
            writer.WriteStartObject("fields");
            foreach (var field in Differing(before, after))
            {
                writer.WriteStartObject(field.Name);
                Write("before", field, before);
                Write("after", field, after);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();

        void Write(string name, FieldDescriptor field, IMessage? message)
        {
            if (message is null || !CanonicalJson.FieldsOf(message).Contains(field))
                return;
            writer.WritePropertyName(name);
            CanonicalJson.WriteField(writer, field, message);
        }
    });

    private static IEnumerable<FieldDescriptor> Differing(IMessage? before, IMessage? after)
    {
        IEnumerable<FieldDescriptor> Fields(IMessage? message) => message is null ? [] : CanonicalJson.FieldsOf(message);
        var (old, now) = (Fields(before).ToHashSet(), Fields(after).ToHashSet());
        return old.Union(now).OrderBy(f => f.Name, StringComparer.Ordinal).Where(f =>
            old.Contains(f) != now.Contains(f) || !Equals(f.Accessor.GetValue(before), f.Accessor.GetValue(after)));
    }
}
