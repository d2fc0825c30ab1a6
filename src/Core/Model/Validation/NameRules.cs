using System.Globalization;
using System.Text;

namespace HaGrpc.Core.Model.Validation;

/// <summary>
/// Names of hosts, groups and programs. They stand in selectors (<c>group:program</c>), in supervisorctl's wire
/// protocol (no space, colon or slash there), in directory names under the agent's run directory and on command lines.
/// </summary>
internal static class NameRules
{
    /// <summary>As a DNS label: three of them and a file name fit into a unix socket's path.</summary>
    internal const int LongestBytes = 63;

    internal static void Check(string name, string path, string kind, ICollection<FieldError> errors)
    {
        if (Problem(name, kind) is { } problem)
            errors.Add(new(path, name, problem));
    }

    internal static string? Problem(string name, string kind)
    {
        if (name.Length == 0)
            return $"a {kind} needs a name";
        var bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > LongestBytes)
            return $"the name of a {kind} has at most {LongestBytes} bytes, this one has {bytes}";
        if (name[0] is '.' or '-')
            return $"the name of a {kind} must not begin with '{name[0]}' (it is a directory name and an argument)";
        foreach (var c in name)
        {
            if (Forbidden(c) is { } what)
                return $"the name of a {kind} must not contain {what}";
        }
        return kind == "group" && name == "all" ? "'all' selects every program: choose another name" : null;
    }

    private static string? Forbidden(char c) => c switch
    {
        ':' or '/' or '*' => $"'{c}'",
        _ when char.IsWhiteSpace(c) => "white space",
        _ when char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format => "control characters",
        _ => null,
    };
}
