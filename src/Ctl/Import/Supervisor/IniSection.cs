namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>An option as it finally stands.</summary>
/// <param name="Name">In small letters, as the parser makes them.</param>
/// <param name="Value">Without its comment; continuation lines behind line breaks.</param>
/// <param name="Origin">Where.</param>
internal sealed record IniOption(string Name, string Value, Origin Origin);

/// <summary>A section, perhaps of several files.</summary>
internal sealed class IniSection(string name, string file, int line)
{
    /// <summary>What stands in the brackets.</summary>
    internal string Name { get; } = name;

    /// <summary>Its first header.</summary>
    internal Origin Origin { get; } = new(file, line, $"[{name}]");

    /// <summary>In the order in which they were first named.</summary>
    internal List<IniOption> Options { get; } = [];

    /// <summary>What people wrote about it, without what is only an option that was switched off.</summary>
    internal List<string> Comments { get; } = [];

    internal IniOption? Find(string option) => Options.Find(there => there.Name == option);

    /// <summary>Sets an option; one that is there already gives way, as Supervisor has it.</summary>
    internal void Set(IniOption option, ImportReport report)
    {
        var index = Options.FindIndex(there => there.Name == option.Name);
        if (index < 0)
        {
            Options.Add(option);
            return;
        }
        var old = Options[index];
        // An included file cannot include others; whoever reads includes says so.
        if (old.Value != option.Value && Name != "include")
            report.Note(old.Origin, $"{old.Value}: {Later(old.Origin, option.Origin)} says {option.Value}, and the last one counts");
        Options[index] = option;
    }

    /// <summary>Replaces the value of an option that is there.</summary>
    internal void Rewrite(IniOption option, string value) => Options[Options.IndexOf(option)] = option with { Value = value };

    private static string Later(Origin old, Origin later) =>
        old.File == later.File ? $"line {later.Line}" : $"{later.File}:{later.Line}";
}
