namespace HaGrpc.Agent.Compat.Wire;

/// <summary>An XML-RPC struct, its members in the order of writing. Values are <see cref="int"/>, <see cref="bool"/>,
/// <see cref="double"/>, <see cref="string"/>, arrays of <see cref="object"/> and structs; XML-RPC has no null.</summary>
internal sealed class XmlRpcStruct : List<KeyValuePair<string, object>>
{
    /// <summary>A member's value; null when there is none.</summary>
    public object? this[string name] => Find(member => member.Key == name).Value;

    /// <summary>Adds a member.</summary>
    public void Add(string name, object value) => Add(new(name, value));
}
