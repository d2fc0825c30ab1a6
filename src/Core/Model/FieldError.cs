namespace HaGrpc.Core.Model;

/// <summary>One thing wrong with what an operator asked for. A request is refused with all of them at once.</summary>
/// <param name="Path">Where: for example <c>groups[0].vips[1].address</c>, positions in the request.</param>
/// <param name="Value">The offending value as text; empty when something is missing.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldError(string Path, string Value, string Message)
{
    /// <summary>Path, value and message in one line.</summary>
    public override string ToString() => Value.Length == 0 ? $"{Path}: {Message}" : $"{Path}: {Value}: {Message}";
}
