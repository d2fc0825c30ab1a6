using System.Runtime.InteropServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// fork(2), into a cgroup where the kernel can do that (CLONE_INTO_CGROUP, Linux 5.7). A process that joins one by writing to
/// cgroup.procs waits for every processor to pass through the scheduler: 15 to 25 ms were measured for the first to come, which is most
/// of a program's restart. Such a child may be stillborn: newer kernels (6.18 was seen to) kill it before its first instruction when its
/// cgroup was killed through cgroup.kill more or fewer times than its parent's. Nobody can read these counts, so that it has to be tried.
/// </summary>
internal static unsafe class ChildFork
{
    private const int SysClone3 = 435;
    private const ulong CloneIntoCgroup = 0x2_0000_0000;

    /// <summary>Forks. The child must call nothing of the C library that minds other threads: it is not told that they are gone.</summary>
    /// <param name="cgroup">The cgroup's folder; null to fork and no more.</param>
    /// <param name="hasJoined">True when the child is in that cgroup already; in both processes.</param>
    /// <returns>As fork(2).</returns>
    public static int Start(byte* cgroup, out bool hasJoined)
    {
        hasJoined = false;
        var folder = cgroup is null ? -1 : Libc.open(cgroup, Libc.O_PATH | Libc.O_CLOEXEC, 0);
        if (folder < 0)
            return Libc.fork();
        var arguments = new CloneArguments { Flags = CloneIntoCgroup, ExitSignal = Libc.SIGCHLD, Cgroup = (ulong)folder };
        hasJoined = true;
        var child = (int)Libc.syscall(SysClone3, (nint)(&arguments), sizeof(CloneArguments), 0, 0);
        if (child < 0)
        {
            // An older kernel, or a sandbox that lets no clone3 through. What is wrong with the cgroup itself shows when it is joined.
            hasJoined = false;
            child = Libc.fork();
        }
        if (child != 0)
            _ = Libc.close(folder);
        return child;
    }

    /// <summary>setgroups(2), setgid(2) and setuid(2) of this thread, which in a child is the only one. The C library's would look for the
    /// others.</summary>
    /// <param name="x64">The call's number on x86-64.</param>
    /// <param name="arm64">The call's number on ARM64.</param>
    /// <param name="first">Its first argument.</param>
    /// <param name="second">Its second argument.</param>
    /// <returns>True when it was done; else errno says why not.</returns>
    public static bool Call(int x64, int arm64, nint first, nint second = 0) =>
        Libc.syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? arm64 : x64, first, second, 0, 0) == 0;

    /// <summary>struct clone_args of clone3(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CloneArguments
    {
        public ulong Flags;
        public ulong PidFd;
        public ulong ChildTid;
        public ulong ParentTid;
        public ulong ExitSignal;
        public ulong Stack;
        public ulong StackSize;
        public ulong Tls;
        public ulong SetTid;
        public ulong SetTidSize;
        public ulong Cgroup;
    }
}
