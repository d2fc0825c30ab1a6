using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>
/// Compresses backups by gzip(1), one at a time. The writer's thread opens the files and renames them in the end; the main thread makes
/// the process, so that it knows it before it reaps it, and that it dies with the shim. The backup stays until its compressed form is
/// whole: whatever fails, nothing is lost.
/// </summary>
/// <param name="faults">Hears of what cannot be done.</param>
internal sealed unsafe class Packing(Faults faults)
{
    private const int Idle = 0, Wanted = 1, Running = 2, Ended = 3;
    private const int Lowest = 19;

    private int _stage;
    private int _source = -1;
    private int _target = -1;
    private int _status;
    private LogWriter? _owner;
    private LogName? _name;
    private int _number;
    private FileIdentity _identity;
    private bool _hasFailed;
    private long _written;

    /// <summary>The process that compresses; 0 for none. For the main thread.</summary>
    public int Process { get; private set; }

    /// <summary>True when the main thread is to <see cref="Start"/> it.</summary>
    public bool IsWanted => Volatile.Read(ref _stage) == Wanted;

    /// <summary>Looks for a backup that is not compressed, and begins with it. Writer's thread.</summary>
    /// <returns>True when the main thread is to be told.</returns>
    public bool Begin(LogWriter log)
    {
        if (Volatile.Read(ref _stage) != Idle || !log.Settings.Packs || _hasFailed)
            return false;
        for (var number = 1; number <= log.Settings.Backups; number++)
        {
            if (FileState.TryRead(log.File.Name.Backup(number, packed: false), out var state) && state.IsRegular)
                return Open(log, number, state);
            if (!Rotation.Exists(log.File.Name, number, packed: true))
                return false;
        }
        return false;
    }

    /// <summary>The backups below a number have got the next one. Writer's thread.</summary>
    public void Moved(LogWriter log, int below)
    {
        _hasFailed = false;
        if (_owner == log && _number > 0 && _number < below)
            _number++;
        else if (_owner == log && _number > log.Settings.Backups)
            _number = 0;
    }

    /// <summary>A log goes elsewhere: what is being compressed of it is not wanted any more. Writer's thread.</summary>
    public void Leave(LogWriter log)
    {
        if (_owner == log)
            _number = 0;
    }

    /// <summary>Goes on when the main thread has done its part. Writer's thread.</summary>
    public void Continue()
    {
        var stage = Volatile.Read(ref _stage);
        if (stage is Running or Ended && _source >= 0)
            CloseFiles();
        if (stage != Ended)
            return;
        var name = _name!;
        if (_status != 0)
            Fail(name, 0);
        else if (!IsStillThere(name))
            _ = Libc.unlink(name.Packing);
        else if (!KeepTime(name) || Libc.rename(name.Packing, name.Backup(_number, packed: true)) != 0)
            Fail(name, Libc.Errno);
        else
            _ = Libc.unlink(name.Backup(_number, packed: false));
        _owner = null;
        Volatile.Write(ref _stage, Idle);
    }

    /// <summary>Makes the process. Main thread.</summary>
    public void Start()
    {
        var child = Libc.fork();
        if (child == 0)
        {
            Execute();
            Libc._exit(127);
        }
        if (child > 0)
            Process = child;
        else
            _status = -1;
        Volatile.Write(ref _stage, child > 0 ? Running : Ended);
    }

    /// <summary>It has been reaped. Main thread.</summary>
    public void Reaped(int status)
    {
        Process = 0;
        _status = status;
        Volatile.Write(ref _stage, Ended);
    }

    /// <summary>The shim ends: the backup stays as it is. Main thread.</summary>
    public void Abandon()
    {
        if (Process > 0)
            _ = Libc.kill(Process, Libc.SIGKILL);
        if (Volatile.Read(ref _stage) != Idle && _name is { } name)
            _ = Libc.unlink(name.Packing);
    }

    private bool Open(LogWriter log, int number, FileState state)
    {
        var name = log.File.Name;
        _ = Libc.unlink(name.Packing);
        _source = Libc.open(name.Backup(number, packed: false), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        _target = _source < 0 ? -1
            : Libc.open(name.Packing, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0x180);
        if (_target < 0)
        {
            var error = Libc.Errno;
            CloseFiles();
            Fail(name, error);
            return false;
        }
        _ = Libc.fchown(_target, state.Uid, state.Gid);
        _ = Libc.fchmod(_target, state.Permissions);
        (_owner, _name, _number, _identity, _written) = (log, name, number, state.Identity, state.Written);
        Volatile.Write(ref _stage, Wanted);
        return true;
    }

    // Somebody else may have moved or removed it meanwhile.
    private bool IsStillThere(LogName name) =>
        _number > 0 && FileState.TryRead(name.Backup(_number, packed: false), out var state) && state.Identity == _identity;

    // So that readers find their place, and those who tidy up by age do what they mean.
    private bool KeepTime(LogName name)
    {
        var times = stackalloc Libc.TimeSpec[2];
        times[0].Seconds = times[1].Seconds = _written / 1_000_000_000;
        times[0].Nanoseconds = times[1].Nanoseconds = _written % 1_000_000_000;
        return Libc.utimensat(Libc.AT_FDCWD, name.Packing, times, 0) == 0;
    }

    private void Fail(LogName name, int error)
    {
        // Not again and again: only when there is another backup.
        _hasFailed = true;
        _ = Libc.unlink(name.Packing);
        faults.Add(LogFault.Compress, error);
    }

    private void CloseFiles()
    {
        _ = Libc.close(_source);
        _ = Libc.close(_target);
        _source = _target = -1;
    }

    // In the child: see Launch.
    private void Execute()
    {
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0);
        _ = Libc.setpriority(0, 0, Lowest);
        _ = Libc.dup2(_source, 0);
        _ = Libc.dup2(_target, 1);
        _ = Libc.close_range(3, uint.MaxValue, Libc.CLOSE_RANGE_CLOEXEC);
        var none = default(Libc.SignalSet);
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, &none, null);
        var arguments = stackalloc byte*[] { Spec.Name("gzip\0"u8), null };
        var environment = arguments + 1;
        _ = Libc.execve(Spec.Name("/usr/bin/gzip\0"u8), arguments, environment);
        _ = Libc.execve(Spec.Name("/bin/gzip\0"u8), arguments, environment);
    }
}
