using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// A program that somebody else has started and that this shim takes over as it runs: <c>adopt=PID:START</c> in the spec. It is no child
/// of the shim, so nothing orphaned comes to the shim and nobody tells it how it ended. What belongs to it is found by parents, process
/// group, session and, where there is one, by the cgroup that all of it is moved into.
/// </summary>
internal sealed unsafe class AdoptedProcess
{
    private const int JoinRounds = 8;

    private readonly ProcessIdentity _process;
    private readonly byte* _join;
    private PidFd? _pidfd;
    private bool _leads;
    // Once the process is over, nobody can tell any more that one which has left its group was its child.
    private ProcessIdentity[] _family = [];

    private AdoptedProcess(ProcessIdentity process, byte* join)
    {
        _process = process;
        _join = join;
    }

    /// <summary>The process that a spec wants taken over; null when the program is to be started.</summary>
    public static AdoptedProcess? Of(Spec spec)
    {
        var text = spec.Find("adopt="u8);
        if (text is null)
            return null;
        long pid = 0, start = 0;
        for (; *text is >= (byte)'0' and <= (byte)'9'; text++)
            pid = (pid * 10) + *text - '0';
        if (*text == (byte)':')
            text++;
        for (; *text is >= (byte)'0' and <= (byte)'9'; text++)
            start = (start * 10) + *text - '0';
        return new AdoptedProcess(new ProcessIdentity((int)pid, start), spec.Find("join="u8));
    }

    /// <summary>Its process id.</summary>
    public int Pid => _process.Pid;

    /// <summary>When it was started, CLOCK_BOOTTIME nanoseconds: /proc counts in hundredths of a second.</summary>
    public long StartedAt => _process.StartTime * 10_000_000;

    /// <summary>To be polled: readable once it has ended; -1 before it was taken and after.</summary>
    public int Descriptor => _pidfd?.Descriptor ?? -1;

    /// <summary>Takes it over.</summary>
    /// <returns>False when it is not there any more.</returns>
    public bool TryTake()
    {
        _pidfd = PidFd.TryOpen(_process);
        if (_pidfd is null || !ProcessStatus.TryRead(Pid, out var status) || status.IsZombie)
            return false;
        _leads = status.Group == Pid || status.Session == Pid;
        var known = 0;
        for (var i = 0; i < JoinRounds && _join is not null; i++)
        {
            // What is forked by one that has joined is in already; by one that has not, it is found in the next round.
            var found = ProcessTree.JoinFamily(_process, _leads, _join);
            if (found == known)
                break;
            known = found;
        }
        Remember();
        return true;
    }

    /// <summary>Looks who belongs to it now.</summary>
    public void Remember() => _family = ProcessTree.Family(_process, _leads, _family);

    /// <summary>Sends a signal to it, or to its process group where that is its own.</summary>
    public void Signal(int signal, bool group)
    {
        Remember();
        if (group && _leads)
            _ = Libc.kill(-Pid, signal);
        else
            _pidfd?.Signal(signal);
    }

    /// <summary>SIGKILL to it and to all that belongs to it.</summary>
    /// <returns>How many there were.</returns>
    public int Kill() => _pidfd is null ? 0 : ProcessTree.SignalFamily(_process, _leads, _family, Libc.SIGKILL);

    /// <summary>True when nothing of it is left.</summary>
    public bool IsGone => _pidfd is null || ProcessTree.SignalFamily(_process, _leads, _family, 0) == 0;

    /// <summary>How it ended, where the kernel tells others than its parent.</summary>
    public bool TryReadEnd(out int status)
    {
        status = 0;
        return _pidfd is not null && _pidfd.TryReadEnd(out status);
    }
}
