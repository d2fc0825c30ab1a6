namespace HaGrpc.Ctl.Output;

/// <summary>Colours of a terminal, or none.</summary>
internal sealed class Ink
{
    private const string Plain = "\x1b[0m";
    private readonly bool _isOn;

    private Ink(bool isOn) => _isOn = isOn;

    /// <summary>No colours.</summary>
    internal static Ink None { get; } = new(false);

    /// <summary>Colours.</summary>
    internal static Ink Colours { get; } = new(true);

    /// <summary>What <c>--color</c>, <c>NO_COLOR</c> (no-color.org: any text in it) and the terminal say together.</summary>
    internal static Ink Of(string? wanted, bool isTerminal, Func<string, string?> variable) => wanted switch
    {
        "always" => Colours,
        "never" => None,
        _ => isTerminal && string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") != "dumb" ? Colours : None,
    };

    /// <summary>The text in a hue.</summary>
    internal string Paint(string text, Hue hue) => !_isOn || text.Length == 0 ? text : hue switch
    {
        Hue.Good => $"\x1b[32m{text}{Plain}",
        Hue.Busy => $"\x1b[33m{text}{Plain}",
        Hue.Bad => $"\x1b[31m{text}{Plain}",
        Hue.Faint => $"\x1b[2m{text}{Plain}",
        _ => text,
    };

    /// <summary>A state in the hue of what it means.</summary>
    internal string PaintState(string state) => Paint(state, StateHue.Of(state));
}

/// <summary>What a colour says.</summary>
internal enum Hue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Under way, or to be looked at.</summary>
    Busy,

    /// <summary>Wrong.</summary>
    Bad,

    /// <summary>Off, on purpose as a rule.</summary>
    Faint,
}
