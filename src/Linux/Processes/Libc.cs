using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>libc as the process bindings and the shim use it: blittable, without error handling. Names and meanings are those of
/// the man pages; values are those of linux-x64 and linux-arm64, which agree here.</summary>
internal static unsafe partial class Libc
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, EAGAIN = 11, EACCES = 13, ECHILD = 10, EBUSY = 16, EEXIST = 17, ENOTDIR = 20, EINVAL = 22, EROFS = 30, ENOSYS = 38, ETIME = 62;
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_NOCTTY = 0x100, O_TRUNC = 0x200, O_APPEND = 0x400, O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000, O_PATH = 0x200000;
    public const int SIGHUP = 1, SIGINT = 2, SIGKILL = 9, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGXFSZ = 25;
    public const int SIG_BLOCK = 0, SIG_SETMASK = 2;
    public const int WNOHANG = 1, WEXITED = 4, P_PID = 1, P_PIDFD = 3;
    public const int PR_SET_PDEATHSIG = 1, PR_SET_CHILD_SUBREAPER = 36;
    public const int CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_BOOTTIME = 7;
    public const int TFD_NONBLOCK = 0x800, TFD_CLOEXEC = 0x80000, TFD_TIMER_ABSTIME = 1;
    public const int SFD_NONBLOCK = 0x800, SFD_CLOEXEC = 0x80000;
    public const int POLLIN = 1, POLLERR = 8, POLLHUP = 16;
    public const int EPOLLIN = 1, EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2;
    public const int AF_UNIX = 1, SOCK_SEQPACKET = 5, SOCK_CLOEXEC = 0x80000, SOCK_NONBLOCK = 0x800;
    public const int SOL_SOCKET = 1, SO_PEERCRED = 17, MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
    public const int CLOSE_RANGE_CLOEXEC = 4;
    public const int LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8;
    public const int F_SETFD = 2, FD_CLOEXEC = 1, F_SETFL = 4, F_SETPIPE_SZ = 1031, FIONREAD = 0x541B;
    public const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000;
    public const int EFD_CLOEXEC = 0x80000, EFD_NONBLOCK = 0x800;

    /// <summary>struct rlimit of getrlimit(2); all bits set is unlimited.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>struct rusage of getrusage(2): the processor time, and what is not read.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Usage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
        public fixed long Others[14];
    }

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct itimerspec of timerfd_settime(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimerSpec
    {
        public TimeSpec Interval;
        public TimeSpec Value;
    }

    /// <summary>struct ucred of SO_PEERCRED.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public int Pid;
        public uint Uid;
        public uint Gid;
    }

    /// <summary>sigset_t of glibc: 1024 bits, signal n is bit n-1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalSet
    {
        public fixed ulong Words[16];

        public void Add(int signal) => Words[0] |= 1UL << (signal - 1);

        public readonly bool Contains(int signal) => (Words[0] & (1UL << (signal - 1))) != 0;
    }

    public static int Errno
    {
        get => *ErrnoLocation();
        set => *ErrnoLocation() = value;
    }

    [LibraryImport("libc", EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    private static partial int* ErrnoLocation();

    [LibraryImport("libc")] public static partial int open(byte* path, int flags, uint mode);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);
    [LibraryImport("libc")] public static partial int close(int fd);
    [LibraryImport("libc")] public static partial nint read(int fd, void* buffer, nint count);
    [LibraryImport("libc")] public static partial nint pread(int fd, void* buffer, nint count, long offset);
    [LibraryImport("libc")] public static partial nint write(int fd, void* buffer, nint count);
    [LibraryImport("libc")] public static partial long lseek(int fd, long offset, int whence);
    [LibraryImport("libc")] public static partial int rename(byte* from, byte* to);
    [LibraryImport("libc")] public static partial int unlink(byte* path);
    [LibraryImport("libc")] public static partial nint readlink(byte* path, byte* target, nint size);
    [LibraryImport("libc")] public static partial int chdir(byte* path);
    [LibraryImport("libc")] public static partial uint umask(uint mask);
    [LibraryImport("libc")] public static partial int dup2(int from, int to);
    [LibraryImport("libc")] public static partial int pipe2(int* fds, int flags);
    [LibraryImport("libc")] public static partial int fcntl(int fd, int command, nint argument);
    [LibraryImport("libc")] public static partial int flock(int fd, int operation);
    [LibraryImport("libc")] public static partial int close_range(uint first, uint last, int flags);
    [LibraryImport("libc")] public static partial int getpid();
    [LibraryImport("libc")] public static partial int getppid();
    [LibraryImport("libc")] public static partial uint geteuid();
    [LibraryImport("libc")] public static partial uint getegid();
    [LibraryImport("libc")] public static partial int fork();
    [LibraryImport("libc")] public static partial int execve(byte* path, byte** argv, byte** envp);
    [LibraryImport("libc")] public static partial void _exit(int status);
    [LibraryImport("libc")] public static partial int setsid();
    [LibraryImport("libc")] public static partial int getsid(int pid);
    [LibraryImport("libc", SetLastError = true)] public static partial int kill(int pid, int signal);
    [LibraryImport("libc")] public static partial int waitpid(int pid, int* status, int options);
    [LibraryImport("libc", SetLastError = true)] public static partial int waitid(int type, int id, void* info, int options);
    [LibraryImport("libc")] public static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
    [LibraryImport("libc")] public static partial nint signal(int number, nint handler);
    [LibraryImport("libc")] public static partial int sigprocmask(int how, SignalSet* set, SignalSet* old);
    [LibraryImport("libc")] public static partial int signalfd(int fd, SignalSet* set, int flags);
    [LibraryImport("libc")] public static partial int timerfd_create(int clock, int flags);
    [LibraryImport("libc")] public static partial int timerfd_settime(int fd, int flags, TimerSpec* value, TimerSpec* old);
    [LibraryImport("libc")] public static partial int eventfd(uint value, int flags);
    [LibraryImport("libc")] public static partial int poll(PollFd* fds, nuint count, int milliseconds);
    [LibraryImport("libc")] public static partial int epoll_create1(int flags);
    [LibraryImport("libc")] public static partial int epoll_ctl(int epoll, int operation, int fd, void* change);
    [LibraryImport("libc")] public static partial int epoll_wait(int epoll, void* events, int count, int milliseconds);
    [LibraryImport("libc", SetLastError = true)] public static partial int socket(int family, int type, int protocol);
    [LibraryImport("libc", SetLastError = true)] public static partial int socketpair(int family, int type, int protocol, int* fds);
    [LibraryImport("libc", SetLastError = true)] public static partial int connect(int fd, byte* address, uint length);
    [LibraryImport("libc")] public static partial int bind(int fd, byte* address, uint length);
    [LibraryImport("libc")] public static partial int listen(int fd, int backlog);
    [LibraryImport("libc")] public static partial int accept4(int fd, void* address, void* length, int flags);
    [LibraryImport("libc")] public static partial nint send(int fd, void* buffer, nint count, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial nint recv(int fd, void* buffer, nint count, int flags);
    [LibraryImport("libc")] public static partial int getsockopt(int fd, int level, int name, void* value, uint* length);
    [LibraryImport("libc")] public static partial nint syscall(nint number, nint a, nint b, nint c, nint d);
    [LibraryImport("libc")] public static partial int clock_gettime(int clock, TimeSpec* time);
    [LibraryImport("libc")] public static partial void* malloc(nuint size);
    [LibraryImport("libc")] public static partial void free(void* memory);
    [LibraryImport("libc")] public static partial int statx(int directory, byte* path, int flags, uint mask, void* status);
    [LibraryImport("libc")] public static partial int utimensat(int directory, byte* path, TimeSpec* times, int flags);
    [LibraryImport("libc")] public static partial int ftruncate(int fd, long length);
    [LibraryImport("libc")] public static partial int fchmod(int fd, uint mode);
    [LibraryImport("libc")] public static partial int fchown(int fd, uint uid, uint gid);
    [LibraryImport("libc")] public static partial int ioctl(int fd, nuint request, void* argument);
    [LibraryImport("libc")] public static partial byte* strerror(int error);
    [LibraryImport("libc")] public static partial int pthread_attr_init(void* attributes);
    [LibraryImport("libc")] public static partial int pthread_attr_setstacksize(void* attributes, nuint size);
    [LibraryImport("libc")] public static partial int pthread_attr_setdetachstate(void* attributes, int state);
    [LibraryImport("libc")] public static partial int pthread_create(nuint* thread, void* attributes, delegate* unmanaged<void*, void*> start, void* argument);
    [LibraryImport("libc")] public static partial int wait4(int pid, int* status, int options, Usage* usage);
    [LibraryImport("libc", SetLastError = true)] public static partial int prlimit(int pid, int resource, ResourceLimit* set, ResourceLimit* old);
    [LibraryImport("libc", SetLastError = true)] public static partial int setpriority(int which, uint who, int nice);
    [LibraryImport("libc", SetLastError = true)] public static partial int getpriority(int which, uint who);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint getxattr(string path, string name, byte* value, nuint size);
}
