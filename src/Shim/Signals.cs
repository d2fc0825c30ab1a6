using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// The signals that a shim reads from a signalfd. They must be blocked in every thread before the runtime starts its own, or
/// a finalizer thread would swallow a SIGCHLD: the agent starts the shim with them blocked, and a shim started by hand
/// blocks them and executes itself again.
/// </summary>
internal static unsafe class Signals
{
    /// <summary>Makes sure that the signals are blocked; does not return when the process is replaced.</summary>
    /// <returns>The signalfd.</returns>
    public static int Open(string[] arguments)
    {
        var wanted = default(Libc.SignalSet);
        wanted.Add(Libc.SIGCHLD);
        wanted.Add(Libc.SIGTERM);
        wanted.Add(Libc.SIGINT);
        wanted.Add(Libc.SIGHUP);
        Libc.SignalSet before;
        _ = Libc.sigprocmask(Libc.SIG_BLOCK, &wanted, &before);
        if (!before.Contains(Libc.SIGCHLD) || !before.Contains(Libc.SIGTERM))
            ExecuteAgain(arguments);
        return Libc.signalfd(-1, &wanted, Libc.SFD_CLOEXEC | Libc.SFD_NONBLOCK);
    }

    /// <summary>Reads one signal; 0 when there is none.</summary>
    public static int Next(int signals)
    {
        var info = stackalloc uint[32]; // struct signalfd_siginfo: 128 bytes, ssi_signo first
        return Libc.read(signals, info, 128) == 128 ? (int)info[0] : 0;
    }

    private static void ExecuteAgain(string[] arguments)
    {
        var argv = stackalloc byte*[arguments.Length + 2];
        argv[0] = Spec.Name("ha-shim\0"u8);
        for (var i = 0; i < arguments.Length; i++)
            argv[i + 1] = (byte*)System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(arguments[i]);
        argv[arguments.Length + 1] = null;
        var environment = stackalloc byte*[1];
        environment[0] = null;
        _ = Libc.execve(Spec.Name("/proc/self/exe\0"u8), argv, environment);
    }
}
