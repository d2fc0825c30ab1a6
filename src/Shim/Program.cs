using HaGrpc.Linux;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>The shim: <c>ha-shim run DIR [FD]</c> runs the program that DIR/spec describes, <c>ha-shim guard DIR [FD]</c> guards a
/// group's gate. FD is a connection to the agent that it inherits.</summary>
internal static unsafe class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length is not (2 or 3) || arguments[0] is not ("run" or "guard"))
            return Refuse("usage: ha-shim run|guard DIR [FD]\n"u8);
        var signals = Signals.Open(arguments);
        _ = Libc.setsid();
        _ = Libc.prctl(Libc.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        var umask = Libc.umask(0x3f); // 077: what the shim itself writes is nobody else's business
        var directory = (byte*)System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(arguments[1]);
        if (Libc.chdir(directory) != 0)
            return Refuse("ha-shim: cannot enter the directory given\n"u8);
        if (!Spec.TryLoad(Spec.Name("spec\0"u8), out var spec))
            return Refuse("ha-shim: no complete file named spec in the directory given\n"u8);
        var inherited = arguments.Length == 3 ? arguments[2][0] - '0' : -1;
        var deadline = OpenDeadline(spec, out var failure);
        if (arguments[0] == "guard")
        {
            if (deadline is null)
                return Refuse("ha-shim: a guard needs a deadline file\n"u8);
            using var guard = new GuardShim(spec, signals, inherited, deadline);
            guard.Run();
            return 0;
        }
        if (inherited >= 0 && !MayStart(inherited))
            return 0;
        new ProgramShim(spec, signals, inherited, umask, deadline, failure).Run();
        return 0;
    }

    // See HaGrpc.Linux.Shims.ShimRequest.Go. False: the agent is gone, and the next one knows nothing of this shim.
    private static bool MayStart(int connection)
    {
        var packet = stackalloc byte[16];
        while (true)
        {
            var wait = new Libc.PollFd { Fd = connection, Events = Libc.POLLIN };
            _ = Libc.poll(&wait, 1, -1);
            var count = Libc.recv(connection, packet, 16, Libc.MSG_DONTWAIT);
            if (count > 0 && packet[0] == (byte)'G')
                return true;
            if (count == 0 || (count < 0 && Libc.Errno is not (Libc.EAGAIN or Libc.EINTR)))
                return false;
        }
    }

    // A deadline that cannot be read is no deadline that could be kept: nothing starts.
    private static DeadlineFile? OpenDeadline(Spec spec, out LaunchFailure failure)
    {
        failure = default;
        var path = spec.Find("deadline="u8);
        if (path is null)
            return null;
        try
        {
            return DeadlineFile.OpenReadOnly(System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)path)!);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            failure = new LaunchFailure(LaunchStep.Deadline, error.NativeErrorCode);
        }
        catch (InvalidDataException)
        {
            failure = new LaunchFailure(LaunchStep.Deadline, Libc.EINVAL);
        }
        return null;
    }

    private static int Refuse(ReadOnlySpan<byte> message)
    {
        _ = Libc.write(2, Spec.Name(message), message.Length);
        return 2;
    }
}
