using System.Runtime.InteropServices;

namespace HaGrpc.Agent.Platform;

/// <summary>
/// What the agent asks of the kernel for itself. Memory is locked as it is touched (MCL_ONFAULT), so that memory
/// pressure cannot page the agent out for longer than a lease, and nothing that is not used anyway becomes resident. Neither
/// priority nor OOM score are changed: both would be inherited by every program that the agent starts.
/// </summary>
internal static partial class ProcessSetup
{
    private const int SigChild = 17;
    private const int LockCurrent = 1, LockFuture = 2, LockOnFault = 4;

    /// <summary>Must be the first act of the process: with SIGCHLD ignored, as some parents leave it, exit codes of own
    /// children are lost.</summary>
    public static void ResetChildSignal() => _ = Signal(SigChild, 0);

    /// <summary>Locks memory as far as the kernel permits.</summary>
    /// <returns>Empty, or why it was refused.</returns>
    public static string LockMemory() => LockAll(LockCurrent | LockFuture | LockOnFault) == 0
        ? ""
        : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAll(int flags);
}
