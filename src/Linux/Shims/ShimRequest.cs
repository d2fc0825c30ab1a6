using System.Buffers.Binary;

namespace HaGrpc.Linux.Shims;

/// <summary>What an agent asks of a shim: packets of 16 bytes, little endian: 0 kind (an ASCII letter), 1 to the process group
/// (0 or 1), 4 signal (int32), 8 timeout in nanoseconds (int64).</summary>
internal static class ShimRequest
{
    /// <summary>Start the program: the agent has put the shim's identity on file. A shim that an agent started waits for this, and
    /// ends when the agent dies before it, so that no program runs under a shim that nobody could find.</summary>
    public static byte[] Go { get; } = Encode('G');

    /// <summary>Answer with the state record.</summary>
    public static byte[] Status { get; } = Encode('?');

    /// <summary>The deadline file has changed: read it now.</summary>
    public static byte[] DeadlineChanged { get; } = Encode('D');

    /// <summary>The file <c>logs</c> has changed: read it now.</summary>
    public static byte[] LogsChanged { get; } = Encode('L');

    /// <summary>SIGKILL the whole tree now.</summary>
    public static byte[] Kill { get; } = Encode('K');

    /// <summary>A guard only: end.</summary>
    public static byte[] Quit { get; } = Encode('Q');

    /// <summary>Send a signal to the main process.</summary>
    public static byte[] Signal(int number) => Encode('S', number);

    /// <summary>Send a signal to the main process, or to its process group, and kill the tree when it has not ended in time.</summary>
    public static byte[] Stop(int signal, TimeSpan timeout, bool asGroup) => Encode('T', signal, timeout.Ticks * 100, asGroup);

    private static byte[] Encode(char kind, int number = 0, long timeout = 0, bool asGroup = false)
    {
        var packet = new byte[16];
        packet[0] = (byte)kind;
        packet[1] = asGroup ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(4), number);
        BinaryPrimitives.WriteInt64LittleEndian(packet.AsSpan(8), timeout);
        return packet;
    }
}
