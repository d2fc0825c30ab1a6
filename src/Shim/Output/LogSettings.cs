namespace HaGrpc.Shim.Output;

/// <summary>Where an output goes and when its file is rotated: the keys of the file <c>spec</c> or <c>logs</c> that concern it.</summary>
/// <param name="MostBytes">The size at which the file is rotated; 0 for never.</param>
/// <param name="Backups">How many backups are kept; 0: the file is emptied instead.</param>
/// <param name="LongestAge">Nanoseconds after which it is rotated; 0 for never.</param>
/// <param name="Packs">True: backups are compressed.</param>
internal readonly record struct LogSettings(long MostBytes, int Backups, long LongestAge, bool Packs)
{
    /// <summary>The settings of standard output or standard error.</summary>
    public static LogSettings Read(Spec spec, bool standardError) => new(
        spec.Number(standardError ? "stderrmax="u8 : "stdoutmax="u8, 0),
        (int)spec.Number(standardError ? "stderrbackups="u8 : "stdoutbackups="u8, 0),
        spec.Number("logage="u8, 0),
        spec.Number("logpack="u8, 0) != 0);

    /// <summary>The path, or null for nowhere.</summary>
    public static unsafe byte* PathOf(Spec spec, bool standardError) => spec.Find(standardError ? "stderr="u8 : "stdout="u8);
}
