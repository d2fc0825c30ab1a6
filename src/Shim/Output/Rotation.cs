using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>Moves a log and its backups on by one number. Nothing is overwritten: it begins at the first free number, and a move that
/// fails leaves a gap that the next rotation fills.</summary>
internal static unsafe class Rotation
{
    /// <summary>Moves; the log's path is free then.</summary>
    /// <param name="name">The log.</param>
    /// <param name="backups">How many are kept, 1 or more.</param>
    /// <param name="moved">Backups below this number have got the next one.</param>
    /// <returns>0, or the errno of what failed.</returns>
    public static int Move(LogName name, int backups, out int moved)
    {
        moved = 1;
        var free = 1;
        while (free <= backups && (Exists(name, free, false) || Exists(name, free, true)))
            free++;
        if (free > backups)
        {
            // More than one when there were to be more of them before.
            for (var old = backups; Exists(name, old, false) || Exists(name, old, true); old++)
            {
                if (!Remove(name, old, false) || !Remove(name, old, true))
                    return Libc.Errno;
            }
            free = backups;
        }
        for (var number = free - 1; number >= 1; number--)
        {
            if (!Shift(name, number, false) || !Shift(name, number, true))
                return Libc.Errno;
        }
        moved = free;
        return Libc.rename(name.Path, name.Backup(1, packed: false)) == 0 ? 0 : Libc.Errno;
    }

    /// <summary>True when there is such a backup.</summary>
    public static bool Exists(LogName name, int number, bool packed) => FileState.TryRead(name.Backup(number, packed), out _);

    private static bool Remove(LogName name, int number, bool packed) =>
        Libc.unlink(name.Backup(number, packed)) == 0 || Libc.Errno == Libc.ENOENT;

    private static bool Shift(LogName name, int number, bool packed) =>
        Libc.rename(name.Backup(number, packed), name.Backup(number + 1, packed)) == 0 || Libc.Errno == Libc.ENOENT;
}
