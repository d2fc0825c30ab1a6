using System.Globalization;

namespace HaGrpc.Agent.Programs;

/// <summary>Signal numbers of linux-x64 and linux-arm64 (signal(7)).</summary>
internal static class SignalNumber
{
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number of a signal given by name, with or without SIG, or by number; null for no signal.</summary>
    public static int? Of(string signal)
    {
        if (int.TryParse(signal, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= 64 ? number : null;
        var name = signal.ToUpperInvariant();
        var index = Array.IndexOf(Names, name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name);
        return index > 0 ? index : null;
    }
}
