using System.CommandLine;

namespace HaGrpc.Ctl.Completion;

/// <summary>Options that may be given several times: once one is given, the parser offers nothing but more of its values, wherever the begun word stands.</summary>
internal static class RepeatedOptions
{
    /// <summary>Takes those that have their value out of a line. The values become what the options are without being given, so that the control planes that
    /// a line names are still those that are asked.</summary>
    /// <param name="root">A tree for this line alone.</param>
    /// <param name="words">The words before the begun one.</param>
    internal static IReadOnlyList<string> Settled(Command root, string[] words)
    {
        var left = new List<string>();
        var command = root;
        var values = new Dictionary<Option<string[]>, List<string>>();
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == "--")
                return [.. left, .. words[i..]];
            if (command.Subcommands.FirstOrDefault(inner => inner.Name == words[i]) is { } next)
            {
                command = next;
                left.Add(words[i]);
                continue;
            }
            var (name, value) = words[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (words[i][..at], words[i][(at + 1)..]) : (words[i], null);
            if (Find(command, name) is { } option && (value is not null || i + 1 < words.Length))
            {
                values.TryAdd(option, []);
                values[option].Add(value ?? words[++i]);
                option.DefaultValueFactory = _ => [.. values[option]];
            }
            else
            {
                left.Add(words[i]);
            }
        }
        return left;
    }

    private static Option<string[]>? Find(Command command, string name)
    {
        var own = command.Options.OfType<Option<string[]>>().FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
        return own ?? command.Parents.OfType<Command>().Select(outer => Find(outer, name)).FirstOrDefault(option => option is { Recursive: true });
    }
}
