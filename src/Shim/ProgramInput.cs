using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// A program's standard input, when it is to have one that stays open: a pipe to which nobody writes, as Supervisor's. Many programs end
/// at the end of their input (<c>cat</c>, consoles of game servers, development servers); with <c>/dev/null</c> they would end at once.
/// </summary>
internal sealed unsafe class ProgramInput
{
    private int _end = -1;

    /// <param name="spec">What says whether it has one.</param>
    public ProgramInput(Spec spec)
    {
        if (spec.Find("input="u8) is null || spec.Find("adopt="u8) is not null)
            return;
        var ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) != 0)
        {
            Failure = new LaunchFailure(LaunchStep.Stdin, Libc.Errno);
            return;
        }
        // One page, not sixteen: a user's share of all pipes is bounded, and nothing is ever in this one.
        _ = Libc.fcntl(ends[0], Libc.F_SETPIPE_SZ, 4096);
        // So that the program may open its own /dev/stdin. The other end is this process's as long as it lives, and is never written to.
        if (spec.Find("uid="u8) is not null)
            _ = Libc.fchown(ends[0], (uint)spec.Number("uid="u8, 0), (uint)spec.Number("gid="u8, 0));
        _end = ends[0];
    }

    /// <summary>Set when there is none.</summary>
    public LaunchFailure Failure { get; }

    /// <summary>The end that becomes the program's standard input; -1 for another one.</summary>
    public int End => _end;

    /// <summary>The program has its end.</summary>
    public void CloseEnd()
    {
        if (_end >= 0)
            _ = Libc.close(_end);
        _end = -1;
    }
}
