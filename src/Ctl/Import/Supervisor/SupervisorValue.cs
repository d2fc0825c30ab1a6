using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>The values of options as Supervisor reads them. Null where it would refuse to start.</summary>
internal static class SupervisorValue
{
    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "HUP",
        [2] = "INT",
        [3] = "QUIT",
        [4] = "ILL",
        [5] = "TRAP",
        [6] = "ABRT",
        [7] = "BUS",
        [8] = "FPE",
        [9] = "KILL",
        [10] = "USR1",
        [11] = "SEGV",
        [12] = "USR2",
        [13] = "PIPE",
        [14] = "ALRM",
        [15] = "TERM",
        [16] = "STKFLT",
        [17] = "CHLD",
        [18] = "CONT",
        [19] = "STOP",
        [20] = "TSTP",
        [21] = "TTIN",
        [22] = "TTOU",
        [23] = "URG",
        [24] = "XCPU",
        [25] = "XFSZ",
        [26] = "VTALRM",
        [27] = "PROF",
        [28] = "WINCH",
        [29] = "IO",
        [30] = "PWR",
        [31] = "SYS",
        [34] = "RTMIN",
        [64] = "RTMAX",
    };

    internal static bool? Flag(string text) => text.ToLowerInvariant() switch
    {
        "yes" or "true" or "on" or "1" => true,
        "no" or "false" or "off" or "0" => false,
        _ => null,
    };

    internal static int? Number(string text) =>
        int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Bytes; KB, MB and GB of 1024 in letters of either case.</summary>
    internal static long? Size(string text)
    {
        var lower = text.Trim().ToLowerInvariant();
        var unit = lower.Length < 2 ? 1L : lower[^2..] switch { "kb" => 1L << 10, "mb" => 1L << 20, "gb" => 1L << 30, _ => 1L };
        var digits = (unit == 1 ? lower : lower[..^2]).Trim();
        var isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return isNumber && number <= long.MaxValue / unit ? number * unit : null;
    }

    /// <summary>The name without SIG. Numbers are those of x86 and ARM, on which Supervisor ran.</summary>
    internal static string? Signal(string text)
    {
        if (Number(text) is { } number)
            return Signals.GetValueOrDefault(number);
        var name = text.Trim().ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        return name switch { "CLD" => "CHLD", "POLL" => "IO", "IOT" => "ABRT", _ => Signals.ContainsValue(name) ? name : null };
    }

    /// <summary>A text whose expansions Supervisor works off twice, as one in which that is done once. What it would not take is left as it is.</summary>
    internal static string Twice(string text)
    {
        var once = text.Replace("%%", "%", StringComparison.Ordinal);
        return Expansion.Problem(once, _ => true, _ => true, name => name) is null ? once : text;
    }

    /// <summary>always, unexpected or never.</summary>
    internal static string? Restart(string text) => Flag(text) switch
    {
        true => "always",
        false => "never",
        _ => text.Equals("unexpected", StringComparison.OrdinalIgnoreCase) ? "unexpected" : null,
    };

    internal static IReadOnlyList<int>? Numbers(string text)
    {
        var numbers = text.Split(',').Select(Number).ToArray();
        return numbers.Any(number => number is null) ? null : [.. numbers.OfType<int>()];
    }

    /// <summary>Three octal digits.</summary>
    internal static string? Umask(string text)
    {
        var digits = text.Trim();
        if (digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        digits = digits.TrimStart('0').PadLeft(3, '0');
        return digits.Length == 3 && digits.All(c => c is >= '0' and <= '7') ? digits : null;
    }

    /// <summary>A number of seconds as a manifest's duration.</summary>
    internal static string Seconds(int seconds) => HaGrpc.Core.Model.DurationText.Format(TimeSpan.FromSeconds(seconds));

    /// <summary>A number as a manifest's word.</summary>
    internal static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
