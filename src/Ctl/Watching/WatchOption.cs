using System.CommandLine;
using System.Globalization;

namespace HaGrpc.Ctl.Watching;

/// <summary><c>--watch[=SECONDS]</c>: shows a list again and again, until interrupted.</summary>
internal static class WatchOption
{
    private const string Usual = "2";
    private static readonly string[] Watched = ["status", "groups", "hosts", "control-planes"];

    internal static Option<double?> Create() => new("--watch", "-w")
    {
        Description = "show it again whenever something happens, and after so many seconds (2), 0.2 to 3600, until interrupted",
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.2 and <= 3600)
                return seconds;
            result.AddError(Language.Speech.Of($"--watch={text}: must be 0.2 to 3600 seconds"));
            return null;
        },
    };

    /// <summary>Gives the option without a value its usual one: the parser would take the next word for it, which names a group.</summary>
    internal static string[] Spelled(string[] arguments)
    {
        var end = Array.IndexOf(arguments, "--");
        return !arguments.Any(a => Watched.Contains(a, StringComparer.Ordinal)) ? arguments
            : [.. arguments.Select((a, at) => a is "--watch" or "-w" && (end < 0 || at < end) ? $"--watch={Usual}" : a)];
    }
}
