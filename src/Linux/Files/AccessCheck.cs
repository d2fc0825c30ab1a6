using System.Runtime.InteropServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Files;

/// <summary>Asks the kernel whether a user may use a path: every folder on the way, access control lists, mount options and network file
/// systems count, as they will when it is used.</summary>
internal static partial class AccessCheck
{
    /// <summary>It may be executed, or a directory entered (X_OK).</summary>
    public const int Execute = 1;

    /// <summary>It may be written to (W_OK).</summary>
    public const int Write = 2;

    // The agent's memory is locked, stacks too.
    private const int StackSize = 256 << 10;

    private const int AtCurrentDirectory = -100, EffectiveIds = 0x200;

    // The same on every architecture.
    private const int FAccessAt2 = 439;
    private const int SetGroupsX64 = 116, SetFsUidX64 = 122, SetFsGidX64 = 123;
    private const int SetGroupsArm64 = 159, SetFsUidArm64 = 151, SetFsGidArm64 = 152;

    /// <summary>Asks. May take as long as the file system likes.</summary>
    /// <param name="path">An absolute path; links are followed.</param>
    /// <param name="mode"><see cref="Execute"/>, <see cref="Write"/>, both, or 0 for whether it is there.</param>
    /// <param name="user">For whom; null for the process itself.</param>
    /// <returns>0, or the errno.</returns>
    public static int Of(string path, int mode, UserAccount? user)
    {
        if (user is null || user.Uid == Libc.geteuid())
            return Ask(path, mode);
        // The credentials of a thread are its own to the kernel (setfsuid(2)); this one does nothing else and ends, so nobody else has them.
        var error = 0;
        var asking = new Thread(() => error = AskAs(user, path, mode), StackSize) { IsBackground = true, Name = "access" };
        asking.Start();
        asking.Join();
        return error;
    }

    private static unsafe int AskAs(UserAccount user, string path, int mode)
    {
        var isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        var groups = user.Groups.ToArray();
        fixed (uint* list = groups)
        {
            if (syscall(isArm ? SetGroupsArm64 : SetGroupsX64, groups.Length, (nint)list, 0, 0) != 0)
                return Marshal.GetLastPInvokeError();
        }
        // Neither says whether it worked; asked for what cannot be, they tell what is.
        var (setUid, setGid) = isArm ? (SetFsUidArm64, SetFsGidArm64) : (SetFsUidX64, SetFsGidX64);
        _ = syscall(setGid, (nint)user.Gid, 0, 0, 0);
        _ = syscall(setUid, (nint)user.Uid, 0, 0, 0);
        return (uint)syscall(setUid, -1, 0, 0, 0) == user.Uid && (uint)syscall(setGid, -1, 0, 0, 0) == user.Gid
            ? Ask(path, mode)
            : Libc.EPERM;
    }

    private static unsafe int Ask(string path, int mode)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* p = name)
            return syscall(FAccessAt2, AtCurrentDirectory, (nint)p, mode, EffectiveIds) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);
}
