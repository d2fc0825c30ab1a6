using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>Limits of one process: setrlimit(2), nice and oom_score_adj. What it has started already keeps its own.</summary>
internal static unsafe class ProcessLimits
{
    /// <summary>All bits set: RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    // asm-generic/resource.h, which linux-x64 and linux-arm64 share.
    private static readonly string[] Names =
    [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice",
        "rtprio", "rttime",
    ];

    /// <summary>The kernel's number of a limit; -1 for none.</summary>
    public static int NumberOf(string name) => Array.IndexOf(Names, name);

    /// <summary>A limit of a process; 0 for this one.</summary>
    /// <exception cref="Win32Exception">It is not to be read.</exception>
    public static (ulong Soft, ulong Hard) Rlimit(int pid, string name)
    {
        Libc.ResourceLimit limit;
        Check(Libc.prlimit(pid, NumberOf(name), null, &limit));
        return (limit.Soft, limit.Hard);
    }

    /// <summary>Sets a limit of a process.</summary>
    /// <exception cref="Win32Exception">The kernel refused it.</exception>
    public static void SetRlimit(int pid, string name, ulong soft, ulong hard)
    {
        var limit = new Libc.ResourceLimit { Soft = soft, Hard = hard };
        Check(Libc.prlimit(pid, NumberOf(name), &limit, null));
    }

    /// <summary>The nice value of this process.</summary>
    public static int Nice => Libc.getpriority(0, 0);

    /// <summary>Sets the nice value of every thread of a process, and of its session among others where the kernel groups by session.</summary>
    /// <exception cref="Win32Exception">The kernel refused it.</exception>
    /// <exception cref="IOException">The process has ended.</exception>
    public static void SetNice(int pid, int nice)
    {
        foreach (var thread in Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")))
            Check(Libc.setpriority(0, uint.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), nice));
        try
        {
            Write($"/proc/{pid}/autogroup", nice);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            // Without CONFIG_SCHED_AUTOGROUP there is none.
        }
    }

    /// <summary>The oom_score_adj of this process.</summary>
    public static int OomScoreAdj => int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), CultureInfo.InvariantCulture);

    /// <summary>Sets the oom_score_adj of a process.</summary>
    /// <exception cref="IOException">The process has ended.</exception>
    /// <exception cref="UnauthorizedAccessException">The kernel refused it.</exception>
    public static void SetOomScoreAdj(int pid, int score) => Write($"/proc/{pid}/oom_score_adj", score);

    private static void Write(string path, int number)
    {
        using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }
}
