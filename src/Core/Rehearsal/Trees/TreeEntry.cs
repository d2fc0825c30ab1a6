namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>A file or a symbolic link in a directory that is to be the same on several hosts.</summary>
/// <param name="Path">Its path below the directory.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its content was written (mtime), seconds since 1970 of whoever wrote it: a copy that keeps times keeps it.</param>
/// <param name="Changed">When it became as it is on this host (ctime), seconds since 1970 of this host: no copy keeps it, and nothing that
/// is unpacked sets it back.</param>
/// <param name="Target">Where a symbolic link points; empty for a file.</param>
public sealed record TreeEntry(string Path, long Size, long Modified, long Changed, string Target = "")
{
    private const ulong FnvOffset = 14695981039346656037, FnvPrime = 1099511628211, Golden = 0x9E3779B97F4A7C15;

    /// <summary>In which part of a <see cref="TreeRest"/> it is counted: the same on every host, whatever is in it.</summary>
    internal int Part => (int)(Mix(Hash(Path)) >> 56);

    /// <summary>The same on two hosts if, as good as certainly, it is the same there by what rsync(1) compares. Agents of different versions have to
    /// agree on it.</summary>
    internal ulong Digest
    {
        get
        {
            var digest = Mix(Mix(Hash(Path) + (ulong)Size) + (ulong)Modified);
            return Target.Length == 0 ? digest : Mix(digest + Hash(Target));
        }
    }

    private static ulong Hash(string text)
    {
        var hash = FnvOffset;
        foreach (var c in text)
            hash = (hash ^ c) * FnvPrime;
        return hash;
    }

    // The end of splitmix64: digests are added up, so that each has to look random.
    private static ulong Mix(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
