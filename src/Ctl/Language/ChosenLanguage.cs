namespace HaGrpc.Ctl.Language;

/// <summary>Which language an operator wants: <c>--lang</c>, else the locale of the terminal.</summary>
internal static class ChosenLanguage
{
    /// <summary>What <c>--lang</c> takes.</summary>
    internal static readonly string[] Names = ["en", "zh"];

    private static readonly string[] Locales = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>The catalogue; null for English. It is looked for before anything is parsed: mistakes of the command line are told in it, too.</summary>
    internal static Catalogue? Of(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var wanted = Option(arguments) ?? (IsChinese(Locales.Select(variable).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "") ? "zh" : "en");
        return wanted == "zh" ? Catalogue.Chinese : null;
    }

    private static string? Option(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count && arguments[i] != "--"; i++)
        {
            if (arguments[i] == "--lang" && i + 1 < arguments.Count)
                return arguments[i + 1];
            if (arguments[i].StartsWith("--lang=", StringComparison.Ordinal) || arguments[i].StartsWith("--lang:", StringComparison.Ordinal))
                return arguments[i][7..];
        }
        return null;
    }

    // hactl writes UTF-8: on a terminal that shows GBK, English is what can be read.
    private static bool IsChinese(string locale)
    {
        if (!locale.StartsWith("zh", StringComparison.OrdinalIgnoreCase) || (locale.Length > 2 && char.IsAsciiLetter(locale[2])))
            return false;
        var dot = locale.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 || locale[(dot + 1)..].Replace("-", "", StringComparison.Ordinal).StartsWith("utf8", StringComparison.OrdinalIgnoreCase);
    }
}
