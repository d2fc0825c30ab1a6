using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// Ends a program's whole tree without relying on its shim, which may be stopped or dead, and goes on until it has seen that
/// nothing is left. While the shim lives, everything the program started is its descendant, so the tree is killed first
/// and the shim, if it does not report by itself, last.
/// </summary>
internal sealed class TreeEnd
{
    private const long Millisecond = 1_000_000;
    private const long Patience = 500 * Millisecond;

    private readonly EventThread _thread;
    private readonly ShimProcess? _shim;
    private readonly Cgroup? _cgroup;
    private readonly ProcessIdentity _program;
    private readonly string _mark;
    private readonly Action _ended;
    private readonly long _since = BootClock.Nanoseconds;
    private long _pause = 2 * Millisecond;
    private EventThread.Timer? _timer;

    /// <param name="thread">The host's thread.</param>
    /// <param name="shim">The shim; null when there was none alive.</param>
    /// <param name="spec">What it ran.</param>
    /// <param name="program">The program's main process, if it is known.</param>
    /// <param name="ended">Called on the thread when the shim is dead and nothing of the tree is left. Not called while a live shim
    /// can still report the end itself.</param>
    public TreeEnd(EventThread thread, ShimProcess? shim, ShimSpec spec, ProcessIdentity program, Action ended)
    {
        _thread = thread;
        _shim = shim;
        _cgroup = spec["cgroup"] is { } path ? new Cgroup(path) : null;
        _program = program;
        _mark = SpecBuilder.MarkOf(spec["instance"] ?? "");
        _ended = ended;
        _ = _shim?.Send(ShimRequest.Kill);
        Round();
    }

    /// <summary>Nothing more is to be done.</summary>
    public void Cancel() => _timer?.Cancel();

    /// <summary>Looks again at once: the shim has ended.</summary>
    public void Hurry()
    {
        _timer?.Cancel();
        Round();
    }

    private void Round()
    {
        var found = _cgroup?.Kill() ?? false;
        if (_shim is { IsAlive: true })
        {
            var left = ProcessTree.KillDescendants(_shim.Pid);
            if (left == 0 && !found && (IsStopped(_shim.Pid) || BootClock.Nanoseconds - _since > Patience))
                _ = Libc.kill(_shim.Pid, Libc.SIGKILL);
        }
        else if (!found && KillWithoutShim() == 0)
        {
            // Posted: whoever made this object has not stored it yet when the first round finds nothing.
            _timer = _thread.At(0, _ended);
            return;
        }
        _timer = _thread.At(BootClock.Nanoseconds + _pause, Round);
        _pause = Math.Min(_pause * 2, 50 * Millisecond);
    }

    private int KillWithoutShim()
    {
        // One that was taken over bears no mark, and its children may have left its process group.
        var killed = _program.Pid > 0 ? ProcessTree.SignalFamily(_program, leads: true, default, Libc.SIGKILL) : 0;
        // The session's number is the program's pid. If that pid is somebody else's by now, so is the session.
        var isReused = _program.Pid > 0
            && ProcessStatus.TryRead(_program.Pid, out var leader)
            && leader.StartTime != _program.StartTime;
        return killed + StrayProcesses.Kill(isReused ? 0 : _program.Pid, _mark);
    }

    private static bool IsStopped(int pid) => ProcessStatus.TryRead(pid, out var status) && status.State is 'T' or 't';
}
