using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace HaGrpc.LabProgram;

/// <summary>Tells the lab's observer, when there is one, what this process just did and when (CLOCK_BOOTTIME, ns).</summary>
internal sealed partial class Announcer(Arguments arguments)
{
    private const int ClockBoottime = 7;

    public void Say(string what)
    {
        if (arguments.Observer.Length == 0)
            return;
        GetTime(ClockBoottime, out var now);
        var text = $"{what} {arguments.Role} {Environment.ProcessId} {(now.Seconds * 1_000_000_000) + now.Nanoseconds}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.ASCII.GetBytes(text), new UnixDomainSocketEndPoint(arguments.Observer));
        }
        catch (SocketException)
        {
            // The program runs the same whether somebody watches or not.
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
