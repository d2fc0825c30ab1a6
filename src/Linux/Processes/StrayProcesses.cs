using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>
/// Finds processes of a program whose shim is gone, so that nobody's child list names them: members of the program's session, and
/// processes whose environment carries the instance's mark, wherever they went since.
/// </summary>
internal static unsafe class StrayProcesses
{
    private const int MaxEnvironment = 256 * 1024;

    /// <summary>SIGKILLs them.</summary>
    /// <param name="session">The program's session id; 0 for unknown.</param>
    /// <param name="mark">An environment entry that only they have.</param>
    /// <returns>How many there were.</returns>
    public static int Kill(int session, string mark)
    {
        var wanted = System.Text.Encoding.UTF8.GetBytes(mark);
        var buffer = (byte*)NativeMemory.Alloc(MaxEnvironment);
        var killed = 0;
        var self = Environment.ProcessId;
        var pids = new ProcessTree.PidList();
        while (pids.Next(out var pid))
        {
            if (pid == self || !ProcessStatus.TryRead(pid, out var status) || status.IsZombie)
                continue;
            // A program that was taken over leads a process group of its number at most.
            if (!(session > 0 && (status.Session == session || status.Group == session)) && !IsMarked(pid, wanted, buffer))
                continue;
            _ = Libc.kill(pid, Libc.SIGKILL);
            killed++;
        }
        NativeMemory.Free(buffer);
        return killed;
    }

    private static bool IsMarked(int pid, ReadOnlySpan<byte> mark, byte* buffer)
    {
        var length = ProcFile.Read(pid, "/environ"u8, buffer, MaxEnvironment);
        return length > 0 && new ReadOnlySpan<byte>(buffer, length).IndexOf(mark) >= 0;
    }
}
