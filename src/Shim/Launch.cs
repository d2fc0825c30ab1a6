using System.Runtime.CompilerServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// Forks and executes the program. Everything the child needs is laid out before the fork: the child allocates nothing,
/// throws nothing and takes no lock, so that forking a process with a second (finalizer) thread is safe.
/// </summary>
internal readonly unsafe struct Launch
{
    private const int SetGroupsX64 = 116, SetGroupsArm64 = 159;
    private const int SetGidX64 = 106, SetGidArm64 = 144;
    private const int SetUidX64 = 105, SetUidArm64 = 146;

    private readonly byte* _path;
    private readonly byte** _arguments;
    private readonly byte** _environment;
    private readonly byte* _directory;
    private readonly byte* _stdin;
    private readonly byte* _stdout;
    private readonly byte* _stderr;
    private readonly byte* _cgroup;
    private readonly byte* _cgroupFolder;
    private readonly bool _joinsStderr;
    private readonly int _stdinEnd;
    private readonly int _stdoutEnd;
    private readonly int _stderrEnd;
    private readonly bool _ignoresPipes;
    private readonly bool _changesUser;
    private readonly uint _uid;
    private readonly uint _gid;
    private readonly uint* _groups;
    private readonly int _groupCount;
    private readonly uint _umask;
    private readonly LaunchLimits _limits;

    /// <param name="spec">What to run.</param>
    /// <param name="inheritedUmask">The mask when the spec names none.</param>
    /// <param name="stdinEnd">What becomes its standard input; -1 for what the spec names.</param>
    /// <param name="stdoutEnd">What becomes its standard output; -1 for nowhere.</param>
    /// <param name="stderrEnd">What becomes its standard error, unless that joins standard output; -1 for nowhere.</param>
    public Launch(Spec spec, uint inheritedUmask, int stdinEnd, int stdoutEnd, int stderrEnd)
    {
        (_stdinEnd, _stdoutEnd, _stderrEnd) = (stdinEnd, stdoutEnd, stderrEnd);
        _arguments = spec.All("arg="u8, out _);
        _path = spec.Find("exec="u8);
        if (_path is null)
            _path = _arguments[0];
        _environment = spec.All("env="u8, out _);
        _directory = spec.Find("directory="u8);
        _stdin = spec.Find("stdin="u8);
        _stdout = spec.Find("stdout="u8);
        _stderr = spec.Find("stderr="u8);
        _joinsStderr = spec.Find("redirect="u8) is not null;
        _cgroup = spec.Find("join="u8);
        _cgroupFolder = spec.Find("cgroup="u8);
        _ignoresPipes = spec.Find("sigpipe="u8) is not null;
        _changesUser = spec.Find("uid="u8) is not null;
        _uid = (uint)spec.Number("uid="u8, 0);
        _gid = (uint)spec.Number("gid="u8, 0);
        _umask = (uint)spec.Number("umask="u8, inheritedUmask);
        _limits = new LaunchLimits(spec);
        var groups = spec.All("group="u8, out _groupCount);
        _groups = (uint*)Libc.malloc((nuint)((_groupCount + 1) * sizeof(uint)));
        for (var i = 0; i < _groupCount; i++)
        {
            _groups[i] = 0;
            for (var digit = groups[i]; *digit is >= (byte)'0' and <= (byte)'9'; digit++)
                _groups[i] = (_groups[i] * 10) + *digit - '0';
        }
    }

    /// <summary>Forks; the child goes on to execute the program.</summary>
    /// <param name="straight">True: into the cgroup, where the kernel can. False: the child joins it.</param>
    /// <param name="mayBeStillborn">True when the child may be killed before it does anything; it is to be tried again then, not straight.</param>
    /// <param name="pipe">For <see cref="HasBegun"/> once it has no other end any more. It is to be polled for that, not waited
    /// for: a child may hang in a dead network file system while the deadline passes. -1 when there is no child.</param>
    /// <param name="failure">Set when there is no child.</param>
    /// <returns>The child's pid, which is to be reaped also after a failure; -1 when there is no child.</returns>
    public int Start(bool straight, out bool mayBeStillborn, out int pipe, out LaunchFailure failure)
    {
        failure = default;
        mayBeStillborn = false;
        pipe = -1;
        var ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) != 0)
        {
            failure = new LaunchFailure(LaunchStep.Fork, Libc.Errno);
            return -1;
        }
        var shim = Libc.getpid();
        var child = ChildFork.Start(straight ? _cgroupFolder : null, out mayBeStillborn);
        if (child == 0)
        {
            RunChild(shim, mayBeStillborn, ends[1]);
            Libc._exit(127);
        }
        if (child < 0)
            failure = new LaunchFailure(LaunchStep.Fork, Libc.Errno);
        else
            pipe = ends[0];
        _ = Libc.close(ends[1]);
        if (child < 0)
            _ = Libc.close(ends[0]);
        return child;
    }

    /// <summary>Reads what the child has left in its pipe, whose other end is closed: one byte when it began, and behind it why it could
    /// not execute the program.</summary>
    /// <param name="pipe">From <see cref="Start"/>; closed here.</param>
    /// <param name="failure">Set when the program was not executed.</param>
    /// <returns>False when the child ended before its first instruction.</returns>
    public static bool HasBegun(int pipe, out LaunchFailure failure)
    {
        failure = default;
        var said = stackalloc byte[1 + sizeof(LaunchFailure)];
        nint count;
        do
            count = Libc.read(pipe, said, 1 + sizeof(LaunchFailure));
        while (count < 0 && Libc.Errno == Libc.EINTR);
        _ = Libc.close(pipe);
        if (count == 1 + sizeof(LaunchFailure))
            failure = Unsafe.ReadUnaligned<LaunchFailure>(said + 1);
        return count > 0;
    }

    /// <summary>The path that a failed step was about, or the value of a limit; or null.</summary>
    public byte* PathOf(LaunchFailure failure) => failure.Step switch
    {
        LaunchStep.Cgroup => _cgroup,
        LaunchStep.Stdin => _stdin,
        LaunchStep.Stdout => _stdout,
        LaunchStep.Stderr => _stderr,
        LaunchStep.Directory => _directory,
        LaunchStep.Exec => _path,
        _ => _limits.TextOf(failure),
    };

    private void RunChild(int shim, bool hasJoined, int pipe)
    {
        var item = 0;
        _ = Libc.write(pipe, Spec.Name("+"u8), 1);
        var step = Prepare(shim, hasJoined, ref item);
        if (step == LaunchStep.None)
        {
            // Every descriptor but the standard ones closes with exec; the pipe too, and only with it.
            if (Libc.close_range(3, uint.MaxValue, Libc.CLOSE_RANGE_CLOEXEC) != 0)
                CloseOnExecOneByOne();
            _ = Libc.execve(_path, _arguments, _environment);
            step = LaunchStep.Exec;
        }
        var failure = new LaunchFailure(step, Libc.Errno, item);
        _ = Libc.write(pipe, &failure, sizeof(LaunchFailure));
    }

    private LaunchStep Prepare(int shim, bool hasJoined, ref int item)
    {
        _ = Libc.setsid();
        if (_cgroup is not null && !hasJoined && !WriteZero(_cgroup))
            return LaunchStep.Cgroup;
        var nowhere = Spec.Name("/dev/null\0"u8);
        if (_stdinEnd >= 0 ? Libc.dup2(_stdinEnd, 0) < 0 : !Redirect(_stdin is null ? nowhere : _stdin, Libc.O_RDONLY, 0))
            return LaunchStep.Stdin;
        if (_stdoutEnd >= 0 ? Libc.dup2(_stdoutEnd, 1) < 0 : !Redirect(nowhere, Libc.O_WRONLY, 1))
            return LaunchStep.Stdout;
        if (_joinsStderr ? Libc.dup2(1, 2) < 0 : _stderrEnd >= 0 ? Libc.dup2(_stderrEnd, 2) < 0 : !Redirect(nowhere, Libc.O_WRONLY, 2))
            return LaunchStep.Stderr;
        var limited = _limits.Apply(ref item);
        if (limited != LaunchStep.None)
            return limited;
        if (_changesUser)
        {
            if (!ChildFork.Call(SetGroupsX64, SetGroupsArm64, _groupCount, (nint)_groups))
                return LaunchStep.Groups;
            if (!ChildFork.Call(SetGidX64, SetGidArm64, (nint)_gid))
                return LaunchStep.Gid;
            if (!ChildFork.Call(SetUidX64, SetUidArm64, (nint)_uid))
                return LaunchStep.Uid;
        }
        // After setuid, which clears it. A shim that died before this line can no longer send it.
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0);
        if (Libc.getppid() != shim)
            Libc._exit(127);
        _ = Libc.umask(_umask);
        if (Libc.chdir(_directory is null ? Spec.Name("/\0"u8) : _directory) != 0)
            return LaunchStep.Directory;
        for (var signal = 1; signal <= 64; signal++)
            _ = Libc.signal(signal, 0);
        if (_ignoresPipes)
            _ = Libc.signal(Libc.SIGPIPE, 1);
        var none = default(Libc.SignalSet);
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, &none, null);
        return LaunchStep.None;
    }

    private static bool Redirect(byte* path, int flags, int target)
    {
        var fd = Libc.open(path, flags, 0);
        if (fd < 0 || (fd != target && Libc.dup2(fd, target) < 0))
            return false;
        if (fd != target)
            _ = Libc.close(fd);
        return true;
    }

    private static bool WriteZero(byte* path)
    {
        var fd = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return false;
        var written = Libc.write(fd, Spec.Name("0"u8), 1);
        _ = Libc.close(fd);
        return written == 1;
    }

    // Kernels before 5.11 do not know CLOSE_RANGE_CLOEXEC. The shim itself never has many descriptors.
    private static void CloseOnExecOneByOne()
    {
        for (var fd = 3; fd < 1024; fd++)
            _ = Libc.fcntl(fd, 2, 1);
    }
}
