using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>Lets a thread stand behind everybody else.</summary>
internal static class LowPriority
{
    private const int SetIoPriorityX64 = 251, SetIoPriorityArm64 = 30;
    private const int OfProcess = 1;

    // The last of the eight levels of the class that everybody is in: with the idle class a busy disk would never let it through.
    private const int BestEffortLast = (2 << 13) | 7;

    /// <summary>The calling thread, for as long as it lives: to Linux both priorities are a thread's own. That it is refused is no matter.</summary>
    public static void TakeOn()
    {
        _ = Libc.setpriority(0, 0, 19);
        _ = Libc.syscall(
            RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SetIoPriorityArm64 : SetIoPriorityX64, OfProcess, 0, BestEffortLast, 0);
    }
}
