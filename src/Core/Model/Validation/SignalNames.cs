namespace HaGrpc.Core.Model.Validation;

/// <summary>The signals of signal(7) that a program can be asked to stop with.</summary>
internal static class SignalNames
{
    private static readonly string[] Known =
    [
        "ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE", "PROF", "PWR", "QUIT",
        "RTMAX", "RTMIN", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM",
        "WINCH", "XCPU", "XFSZ",
    ];

    internal static string? Problem(string name)
    {
        if (Known.Contains(name, StringComparer.Ordinal))
            return null;
        var bare = name.ToUpperInvariant();
        if (bare.StartsWith("SIG", StringComparison.Ordinal))
            bare = bare[3..];
        return NearestName.Of(bare, Known) is { } near
            ? $"not a signal; did you mean {near}?"
            : "not a signal: a name without SIG, for example TERM, INT, QUIT, HUP, USR1, USR2, KILL";
    }
}
