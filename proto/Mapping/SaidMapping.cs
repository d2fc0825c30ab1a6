namespace HaGrpc.Contracts;

/// <summary>Sentences for people.</summary>
public static class SaidMapping
{
    /// <summary>A sentence on the wire.</summary>
    public static V1.SaidText ToProto(this Core.Language.SaidText said) =>
        new() { Text = said.Text, Message = said.Message, Values = { said.Values } };
}
