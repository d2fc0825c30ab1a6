using System.ComponentModel;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Shims;

/// <summary>
/// Starts <c>ha-shim</c> with posix_spawn(3): in a session of its own, every signal at its default, the shim's signals blocked
/// before its runtime has a second thread, standard input and output at /dev/null, standard error in its directory, no
/// inherited descriptor but the connection.
/// </summary>
internal static unsafe partial class ShimSpawn
{
    private const short SetSignalDefaults = 0x04, SetSignalMask = 0x08, SetSession = 0x80;
    private const int ConnectionDescriptor = 3;

    /// <summary>Starts a shim.</summary>
    /// <param name="shimPath">Absolute path of <c>ha-shim</c>.</param>
    /// <param name="verb">run or guard.</param>
    /// <param name="directory">Its directory, with the spec in it.</param>
    /// <param name="connection">The end of a pair that it inherits; not closed here.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="Win32Exception">posix_spawn failed; the message names the path.</exception>
    public static int Start(string shimPath, string verb, ShimDirectory directory, int connection)
    {
        // posix_spawnattr_t has 336 bytes and posix_spawn_file_actions_t 80 in glibc and musl alike.
        var attributes = stackalloc byte[512];
        var actions = stackalloc byte[128];
        var signals = default(Libc.SignalSet);
        _ = AttributesInit(attributes);
        _ = ActionsInit(actions);
        try
        {
            _ = AttributesSetFlags(attributes, SetSignalDefaults | SetSignalMask | SetSession);
            signals.Add(Libc.SIGCHLD);
            signals.Add(Libc.SIGTERM);
            signals.Add(Libc.SIGINT);
            signals.Add(Libc.SIGHUP);
            _ = AttributesSetMask(attributes, &signals);
            signals.Words[0] = ulong.MaxValue;
            _ = AttributesSetDefaults(attributes, &signals);
            _ = AddOpen(actions, 0, "/dev/null", Libc.O_RDONLY, 0);
            _ = AddOpen(actions, 1, "/dev/null", Libc.O_WRONLY, 0);
            _ = AddOpen(actions, 2, directory.LogPath, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND, 0x180);
            _ = AddDuplicate(actions, connection, ConnectionDescriptor);
            _ = AddCloseFrom(actions, ConnectionDescriptor + 1);
            return Spawn(shimPath, verb, directory.Path, attributes, actions);
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
        }
    }

    private static int Spawn(string shimPath, string verb, string directory, byte* attributes, byte* actions)
    {
        var arguments = stackalloc nint[5];
        arguments[0] = Marshal.StringToCoTaskMemUTF8("ha-shim");
        arguments[1] = Marshal.StringToCoTaskMemUTF8(verb);
        arguments[2] = Marshal.StringToCoTaskMemUTF8(directory);
        arguments[3] = Marshal.StringToCoTaskMemUTF8("3");
        arguments[4] = 0;
        nint* environment = stackalloc nint[1];
        environment[0] = 0;
        try
        {
            int pid;
            var error = PosixSpawn(&pid, shimPath, actions, attributes, arguments, environment);
            return error == 0
                ? pid
                : throw new Win32Exception(error, $"cannot start {shimPath}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})");
        }
        finally
        {
            for (var i = 0; i < 4; i++)
                Marshal.FreeCoTaskMem(arguments[i]);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PosixSpawn(int* pid, string path, byte* actions, byte* attributes, nint* argv, nint* envp);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesSetMask(byte* attributes, Libc.SignalSet* mask);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesSetDefaults(byte* attributes, Libc.SignalSet* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int AddCloseFrom(byte* actions, int first);
}
