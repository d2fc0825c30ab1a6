using System.Text.RegularExpressions;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>What the protos say about their own parts: compiled descriptors have no comments.</summary>
internal sealed partial class ProtoComments
{
    private readonly Dictionary<string, string> _comments = new(StringComparer.Ordinal);

    public ProtoComments(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.proto").Order(StringComparer.Ordinal))
            Read(File.ReadAllLines(file));
    }

    /// <summary>The comment in front of a service, call, message, field or value; empty for none.</summary>
    /// <param name="fullName">For example <c>hagrpc.v1.Group.name</c>; a value stands below its enum.</param>
    public string Of(string fullName) => _comments.GetValueOrDefault(fullName, "");

    private void Read(string[] lines)
    {
        var package = "";
        var scopes = new Stack<string>();
        var comment = new List<string>();
        foreach (var line in lines.Select(l => l.Trim()))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Add(line[2..].Trim());
                continue;
            }
            if (line.StartsWith("package ", StringComparison.Ordinal))
                package = line["package ".Length..].TrimEnd(';');
            var name = Opening().Match(line) is { Success: true } opening ? opening.Groups[2].Value
                : Call().Match(line) is { Success: true } call ? call.Groups[1].Value
                : Field().Match(line) is { Success: true } field ? field.Groups[1].Value
                : null;
            if (name is not null && comment.Count > 0)
                _comments[string.Join('.', scopes.Reverse().Where(s => s.Length > 0).Prepend(package).Append(name))] = Joined(comment);
            if (line.EndsWith('{'))
                scopes.Push(name is null || line.StartsWith("oneof ", StringComparison.Ordinal) ? "" : name);
            else if (line == "}")
                scopes.Pop();
            comment.Clear();
        }
    }

    /// <summary>Paragraphs stay, lines of one do not.</summary>
    private static string Joined(List<string> comment) =>
        string.Join("\n\n", string.Join('\n', comment).Split("\n\n").Select(paragraph => paragraph.Replace('\n', ' ')));

    [GeneratedRegex(@"^(service|message|enum|oneof)\s+(\w+)\s*\{")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^rpc\s+(\w+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"^(?:[\w.<>, ]+\s+)?(\w+)\s*=\s*\d+")]
    private static partial Regex Field();
}
