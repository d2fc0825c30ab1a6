using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>
/// The output of a program that was taken over. One that writes to files goes on doing so. One that writes to a pipe would get SIGPIPE with
/// the end of whoever reads it, its former supervisor: so the shim reads that pipe too, and while both are there each gets a part.
/// </summary>
internal static unsafe class AdoptedOutput
{
    private const int LongestLink = 64;

    /// <summary>True for a program that is taken over.</summary>
    public static bool IsWanted(Spec spec) => spec.Find("adopt="u8) is not null;

    /// <summary>Another end to read from of the pipe that it writes to, which does not block; -1 when it writes to none, or standard error
    /// goes where standard output goes.</summary>
    public static int TryOpen(Spec spec, bool standardError)
    {
        var pid = 0;
        for (var digit = spec.Find("adopt="u8); *digit is >= (byte)'0' and <= (byte)'9'; digit++)
            pid = (pid * 10) + *digit - '0';
        var link = stackalloc byte[LongestLink];
        var path = stackalloc byte[LongestLink];
        var length = Link(pid, standardError ? 2 : 1, path, link);
        if (!new ReadOnlySpan<byte>(link, length).StartsWith("pipe:"u8))
            return -1;
        if (standardError)
        {
            var other = stackalloc byte[LongestLink];
            var beside = stackalloc byte[LongestLink];
            var count = Link(pid, 1, beside, other);
            if (new ReadOnlySpan<byte>(other, count).SequenceEqual(new ReadOnlySpan<byte>(link, length)))
                return -1;
        }
        return Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
    }

    private static int Link(int pid, int descriptor, byte* path, byte* link)
    {
        "/proc/"u8.CopyTo(new Span<byte>(path, LongestLink));
        var end = path + 6 + ProcFile.Digits(pid, path + 6);
        "/fd/"u8.CopyTo(new Span<byte>(end, 4));
        end[4] = (byte)('0' + descriptor);
        end[5] = 0;
        return Math.Max(0, (int)Libc.readlink(path, link, LongestLink));
    }
}
