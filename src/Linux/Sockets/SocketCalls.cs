using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Sockets;

/// <summary>The socket calls of libc that .NET's own sockets cannot express, with errno as a negative result.</summary>
internal static unsafe partial class SocketCalls
{
    public const int AfInet = 2;
    public const int AfInet6 = 10;
    public const int AfNetlink = 16;
    public const int AfPacket = 17;
    public const int SockRaw = 3;
    public const int SockCloexec = 0x80000;
    private const int EventCloexec = 0x80000;
    public const int MsgDontWait = 0x40;
    public const int SolSocket = 1;
    public const int SoRcvBuf = 8;
    public const int SoRcvTimeo = 20;
    public const int SoAttachFilter = 26;
    public const short PollIn = 1;

    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ERESTART = 85;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int EADDRNOTAVAIL = 99;
    public const int ENOBUFS = 105;
    public const int ETIMEDOUT = 110;

    public static int Open(int family, int type, int protocol) => Result(socket(family, type | SockCloexec, protocol));

    public static int Bind(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* p = address)
            return Result(bind(fd, p, (uint)address.Length));
    }

    public static int SetOption(int fd, int level, int option, int value) =>
        Result(setsockopt(fd, level, option, &value, sizeof(int)));

    public static int SetFilter(int fd, ReadOnlySpan<FilterInstruction> program)
    {
        fixed (FilterInstruction* p = program)
        {
            var filter = new FilterProgram { Length = (ushort)program.Length, Instructions = p };
            return Result(setsockopt(fd, SolSocket, SoAttachFilter, &filter, (uint)sizeof(FilterProgram)));
        }
    }

    public static int SetReceiveTimeout(int fd, long seconds)
    {
        var value = stackalloc long[2] { seconds, 0 };
        return Result(setsockopt(fd, SolSocket, SoRcvTimeo, value, 16));
    }

    public static int GetName(int fd, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* p = address)
            return Result(getsockname(fd, p, &length));
    }

    public static int SendTo(int fd, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address, int flags = 0)
    {
        fixed (byte* p = data)
        fixed (byte* a = address)
        {
            int result;
            do
                result = Result((int)sendto(fd, p, (nuint)data.Length, flags, a, (uint)address.Length));
            while (result == -EINTR);
            return result;
        }
    }

    public static int Receive(int fd, Span<byte> buffer, int flags)
    {
        fixed (byte* p = buffer)
        {
            int result;
            do
                result = Result((int)recv(fd, p, (nuint)buffer.Length, flags));
            while (result == -EINTR);
            return result;
        }
    }

    /// <summary>Also from whom it came; the address is cut to its span.</summary>
    public static int ReceiveFrom(int fd, Span<byte> buffer, Span<byte> address, int flags)
    {
        uint length = (uint)address.Length;
        fixed (byte* p = buffer)
        fixed (byte* a = address)
        {
            int result;
            do
                result = Result((int)recvfrom(fd, p, (nuint)buffer.Length, flags, a, &length));
            while (result == -EINTR);
            return result;
        }
    }

    public static int Poll(Span<PollDescriptor> descriptors, int timeoutMilliseconds)
    {
        fixed (PollDescriptor* p = descriptors)
            return Result(poll(p, (nuint)descriptors.Length, timeoutMilliseconds));
    }

    public static int OpenEvent() => Result(eventfd(0, EventCloexec));

    public static void SignalEvent(int fd)
    {
        ulong one = 1;
        _ = write(fd, &one, sizeof(ulong));
    }

    public static void Close(int fd) => _ = close(fd);

    private static int Result(int returned) => returned < 0 ? -Marshal.GetLastPInvokeError() : returned;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(int fd, byte* data, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(int fd, byte* buffer, nuint length, int flags, byte* address, uint* addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, void* data, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);

    /// <summary>struct sock_filter of linux/filter.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
