using System.Net.Sockets;
using System.Text;

namespace HaGrpc.Linux.Processes;

/// <summary>A service of systemd, or of what speaks like it, as which this process may run: what was put into its environment for it alone, and the
/// way to tell how far it is (sd_notify(3), <c>Type=notify</c>).</summary>
public static class SystemdService
{
    /// <summary>It serves now.</summary>
    public const string Ready = "READY=1";

    /// <summary>It is ending.</summary>
    public const string Stopping = "STOPPING=1";

    private const string SocketVariable = "NOTIFY_SOCKET";

    // systemd.exec(5), "Environment Variables Set or Propagated by the Service Manager". What is about any program of the user (HOME,
    // USER, LANG, PATH) is not among them.
    private static readonly HashSet<string> _own = new(StringComparer.Ordinal)
    {
        SocketVariable, "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "FDSTORE",
        "MAINPID", "MANAGERPID", "MANAGERPIDFDID", "SYSTEMD_EXEC_PID", "INVOCATION_ID", "JOURNAL_STREAM",
        "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE",
        "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY",
    };

    /// <summary>True for a variable that is about the process that the service manager has started: whom that starts would take it for
    /// its own, speak in its place or watch its cgroup.</summary>
    public static bool IsAboutItsService(string variable) => _own.Contains(variable);

    /// <summary>Tells the service manager of a change; nothing when there is none that wants to know. One that does not listen is no reason to end.</summary>
    /// <param name="state"><see cref="Ready"/> or <see cref="Stopping"/>.</param>
    /// <returns>Empty, or why it was not told.</returns>
    public static string Tell(string state)
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is not { Length: > 1 } address)
            return "";
        try
        {
            // An abstract name has a zero byte where the variable has an @.
            var path = address[0] == '@' ? "\0" + address[1..] : address;
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            _ = socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
            return "";
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            return $"{SocketVariable} {address}: {failure.Message}";
        }
    }
}
