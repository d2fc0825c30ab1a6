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

    // As the C library counts them: it keeps the first two for itself.
    private const int FirstRealTime = 34, LastRealTime = 64;

    /// <summary>The number of a signal given by name, with or without SIG, or by number; null for no signal.</summary>
    public static int? Of(string signal)
    {
        if (int.TryParse(signal, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= 64 ? number : null;
        var name = signal.ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        var index = Array.IndexOf(Names, name);
        return index > 0 ? index : name switch
        {
            // Other names of some, and the two of the real-time signals that have one.
            "IOT" => 6,
            "CLD" => 17,
            "POLL" => 29,
            "RTMIN" => FirstRealTime,
            "RTMAX" => LastRealTime,
            _ => null,
        };
    }
}
