using System.Globalization;

namespace HaGrpc.Core.Rehearsal;

/// <summary>
/// When a file system counts as full: less than 16 MiB and less than a tenth of it are free, or less than 100 files and less than a tenth of
/// them. As nearly full: less than 1 GiB and less than a tenth. So neither a small file system nor the last tenth of a large one is told.
/// </summary>
internal static class SpaceRule
{
    private const long FullBytes = 16L << 20, TightBytes = 1L << 30;
    private const long FullFiles = 100;

    public static Finding Judge(string what, string subject, string path, Space? space)
    {
        if (space is null)
            return new(what, subject, Verdict.Ok, path);
        var isLowOnBytes = space.FreeBytes < space.TotalBytes / 10.0;
        var isLowOnFiles = space.TotalFiles > 0 && space.FreeFiles < space.TotalFiles / 10.0;
        var room = $"{path}: {Amount(space.FreeBytes)} free ({Percent(space.FreeBytes, space.TotalBytes)})";
        if (isLowOnBytes && space.FreeBytes < FullBytes)
            return new(what, subject, Verdict.Fails, $"{room}: full", "16 MiB free, or a tenth of the file system");
        if (isLowOnFiles && space.FreeFiles < FullFiles)
        {
            return new(what, subject, Verdict.Fails, string.Create(
                CultureInfo.InvariantCulture, $"{path}: {space.FreeFiles} more files fit ({Percent(space.FreeFiles, space.TotalFiles)}): full"),
                "room for 100 files (inodes), or for a tenth of what it can hold");
        }
        return isLowOnBytes && space.FreeBytes < TightBytes
            ? new(what, subject, Verdict.Warning, $"{room}: nearly full", "1 GiB free, or a tenth of the file system")
            : new(what, subject, Verdict.Ok, room);
    }

    private static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole > 0 ? 100.0 * part / whole : 0):0.#} %");

    /// <summary>Bytes in words.</summary>
    public static string Amount(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
    };
}
