using System.CommandLine;
using System.CommandLine.Help;

namespace HaGrpc.Ctl.Manual;

/// <summary>What is to be said of one command, for whatever shows it.</summary>
/// <param name="Path">Its words, <c>hactl audit list</c>.</param>
/// <param name="Command">The command.</param>
internal sealed record CommandPage(string Path, Command Command)
{
    /// <summary>Every command that people use, parents before their children, in the order of the help.</summary>
    internal static IEnumerable<CommandPage> All(RootCommand root) => Below("hactl", root);

    internal string Description => Command.Description ?? "";

    internal IEnumerable<CommandPage> Children => Command.Subcommands.Where(c => !c.Hidden).Select(c => new CommandPage($"{Path} {c.Name}", c));

    internal IEnumerable<Argument> Arguments => Command.Arguments.Where(a => !a.Hidden);

    /// <summary>Its own options: those of every command stand on the first page.</summary>
    internal IEnumerable<Option> Options => Command.Options.Where(o => !o.Hidden && o is not (HelpOption or VersionOption));

    internal bool IsRoot => Command is RootCommand;

    /// <summary>One line for each way to write it.</summary>
    internal string Usage => Command.Subcommands.Any(c => !c.Hidden)
        ? $"{Path} COMMAND [OPTION …]"
        : string.Join(' ', [Path, .. Arguments.Select(Shown), .. Options.Select(Shown)]);

    /// <summary>An argument with what its number may be.</summary>
    internal static string Shown(Argument argument)
    {
        var name = NameOf(argument);
        var text = argument.Arity.MaximumNumberOfValues > 1 ? $"{name} …" : name;
        return IsOptional(argument) ? $"[{text}]" : text;
    }

    internal static bool IsOptional(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue;

    internal static string NameOf(Argument argument) => argument.HelpName ?? argument.Name;

    /// <summary>An option with what it takes.</summary>
    internal static string Shown(Option option)
    {
        var text = $"{option.Name}{Value(option)}";
        return option.Required ? text : $"[{text}]";
    }

    /// <summary>All of its names, the longest first, with what it takes.</summary>
    internal static string Names(Option option) => string.Join(", ", NamesOf(option).Select(n => n + Value(option)));

    /// <summary>All of its names, the longest first.</summary>
    internal static IEnumerable<string> NamesOf(Option option) => option.Aliases.Prepend(option.Name).Distinct().OrderByDescending(n => n.Length);

    internal static string Value(Option option) => option.Arity.MaximumNumberOfValues == 0 ? ""
        : option.Name == "--watch" ? $"[={option.HelpName}]"
        : $" {option.HelpName ?? "VALUE"}{(option.Arity.MaximumNumberOfValues > 1 ? " …" : "")}";

    private static IEnumerable<CommandPage> Below(string path, Command command)
    {
        var page = new CommandPage(path, command);
        yield return page;
        foreach (var child in page.Children)
        {
            foreach (var inner in Below(child.Path, child.Command))
                yield return inner;
        }
    }
}
