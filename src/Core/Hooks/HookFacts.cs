using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace HaGrpc.Core.Hooks;

/// <summary>What hooks of one occasion are told.</summary>
/// <param name="Host">This host's name.</param>
/// <param name="Group">The group's name.</param>
/// <param name="Epoch">The epoch that begins, ends, or was the last one that this host knows; 0 for none.</param>
/// <param name="Priority">This host's priority in the group; 0 when it is no member any more.</param>
/// <param name="Reason">Why, in words for people.</param>
public sealed record HookFacts(string Host, string Group, long Epoch, int Priority, string Reason)
{
    private const string Prefix = "HAGRPC_";

    /// <summary>The variables of a call's environment.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment(HookCall call) =>
        [.. Texts(call).Concat(Numbers).Select(fact => KeyValuePair.Create(Prefix + fact.Key.ToUpperInvariant(), fact.Value))];

    /// <summary>The same as one JSON object in UTF-8 that ends with a line break.</summary>
    public byte[] Json(HookCall call)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (key, value) in Texts(call))
                json.WriteString(key, value);
            json.WriteNumber("epoch", Epoch);
            json.WriteNumber("priority", Priority);
            json.WriteEndObject();
        }
        return [.. stream.ToArray(), (byte)'\n'];
    }

    private IEnumerable<KeyValuePair<string, string>> Numbers =>
    [
        new("epoch", Epoch.ToString(CultureInfo.InvariantCulture)),
        new("priority", Priority.ToString(CultureInfo.InvariantCulture)),
    ];

    private IEnumerable<KeyValuePair<string, string>> Texts(HookCall call) =>
    [
        new("hook", call.Hook.Name),
        new("event", call.EventWord),
        new("phase", call.PhaseWord),
        new("group", Group),
        new("role", call.Role),
        new("host", Host),
        // It may be a message of another host; no environment can carry a zero byte.
        new("reason", Reason.Replace('\0', ' ')),
    ];
}
