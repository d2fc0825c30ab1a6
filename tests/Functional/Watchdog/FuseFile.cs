using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>
/// A file whose calls are answered here, by the kernel's FUSE protocol (linux/fuse.h): open, write, ioctl and the last close of any
/// process reach an <see cref="IFuseDevice"/> as they would reach a driver. Takes root and <c>/dev/fuse</c>.
/// </summary>
internal sealed unsafe partial class FuseFile : IDisposable
{
    private const int Lookup = 1, Forget = 2, GetAttributes = 3, Open = 14, Write = 16, Release = 18, Init = 26, Interrupt = 36, Ioctl = 39, BatchForget = 42;
    private const int HeaderBytes = 40, AnswerHeaderBytes = 16, BufferBytes = 1 << 17;
    private const int NoSuchFile = 2, Interrupted = 4, Again = 11, NotImplemented = 38;
    private const ulong RootNode = 1, FileNode = 2;
    private const int Detach = 2;

    private readonly string _directory;
    private readonly string _name;
    private readonly IFuseDevice _device;
    private readonly int _fuse;
    private readonly int _stop = SocketCalls.OpenEvent();
    private readonly Thread _thread;

    /// <summary>Mounts it.</summary>
    /// <param name="path">Its path; the directory must exist and be empty.</param>
    /// <param name="device">What answers.</param>
    public FuseFile(string path, IFuseDevice device)
    {
        (_directory, _name, _device) = (Path.GetDirectoryName(path)!, Path.GetFileName(path), device);
        _fuse = OpenFile("/dev/fuse", 2 | 0x80000);
        if (_fuse < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "/dev/fuse");
        if (Mount("watchdog", _directory, "fuse", 0, $"fd={_fuse},rootmode=40755,user_id=0,group_id=0,allow_other") != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "mount");
        _thread = new Thread(Serve) { Name = "fuse", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Why it cannot be used here; empty when it can.</summary>
    public static string Obstacle =>
        !Environment.IsPrivilegedProcess ? "mounting takes root" : File.Exists("/dev/fuse") ? "" : "this kernel has no FUSE";

    public void Dispose()
    {
        _ = Unmount(_directory, Detach);
        SocketCalls.SignalEvent(_stop);
        _thread.Join();
        // Whoever has it open still is told that it is gone.
        _ = Close(_fuse);
        SocketCalls.Close(_stop);
    }

    private void Serve()
    {
        var buffer = new byte[BufferBytes];
        Span<SocketCalls.PollDescriptor> descriptors = stackalloc SocketCalls.PollDescriptor[2];
        fixed (byte* request = buffer)
        {
            while (true)
            {
                descriptors[0] = new() { Descriptor = _fuse, Events = SocketCalls.PollIn };
                descriptors[1] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
                _ = SocketCalls.Poll(descriptors, -1);
                if (descriptors[1].Returned != 0)
                    return;
                var count = Read(_fuse, request, BufferBytes);
                if (count >= HeaderBytes)
                    Answer(request, new ReadOnlySpan<byte>(request, (int)count)[HeaderBytes..]);
                else if (Marshal.GetLastPInvokeError() is not (Interrupted or NoSuchFile or Again))
                    return;
            }
        }
    }

    private void Answer(byte* header, ReadOnlySpan<byte> body)
    {
        var (operation, unique, node) = (*(int*)(header + 4), *(ulong*)(header + 8), *(ulong*)(header + 16));
        Span<byte> answer = stackalloc byte[256];
        answer.Clear();
        var (error, length) = operation switch
        {
            Init => (0, Initialize(answer)),
            Lookup => Encoding.UTF8.GetString(body[..^1]) == _name ? (0, Entry(answer)) : (NoSuchFile, 0),
            GetAttributes => (0, 16 + Attributes(answer[16..], node)),
            Open => (_device.Open(), Opened(answer)),
            Write => (_device.Write(body.Slice(40, MemoryMarshal.Read<int>(body[16..]))), Written(answer, body)),
            Ioctl => Controlled(answer, body),
            Release => (_device.Close(), 0),
            _ => (NotImplemented, 0),
        };
        if (operation is Forget or BatchForget or Interrupt)
            return;
        var whole = stackalloc byte[AnswerHeaderBytes + length];
        var size = AnswerHeaderBytes + (error == 0 ? length : 0);
        (*(int*)whole, *(int*)(whole + 4), *(ulong*)(whole + 8)) = (size, -error, unique);
        answer[..(size - AnswerHeaderBytes)].CopyTo(new Span<byte>(whole + AnswerHeaderBytes, length));
        _ = WriteAll(_fuse, whole, size);
    }

    /// <summary>struct fuse_init_out of protocol 7.31.</summary>
    private static int Initialize(Span<byte> answer)
    {
        Put(answer, 0, 7);
        Put(answer, 4, 31);
        Put(answer, 20, 4096);
        return 64;
    }

    /// <summary>struct fuse_entry_out.</summary>
    private static int Entry(Span<byte> answer)
    {
        MemoryMarshal.Write(answer, FileNode);
        return 40 + Attributes(answer[40..], FileNode);
    }

    /// <summary>struct fuse_attr.</summary>
    private static int Attributes(Span<byte> answer, ulong node)
    {
        MemoryMarshal.Write(answer, node);
        Put(answer, 60, node == RootNode ? 0x41ED : 0x8180);
        Put(answer, 64, 1);
        return 88;
    }

    /// <summary>struct fuse_open_out with FOPEN_DIRECT_IO: writes come as they are made.</summary>
    private static int Opened(Span<byte> answer)
    {
        Put(answer, 8, 1);
        return 16;
    }

    private static int Written(Span<byte> answer, ReadOnlySpan<byte> body)
    {
        Put(answer, 0, MemoryMarshal.Read<int>(body[16..]));
        return 8;
    }

    /// <summary>struct fuse_ioctl_in and fuse_ioctl_out; the kernel has copied what the request's number says.</summary>
    private (int Error, int Length) Controlled(Span<byte> answer, ReadOnlySpan<byte> body)
    {
        var (request, given, wanted) = (MemoryMarshal.Read<uint>(body[12..]), MemoryMarshal.Read<int>(body[24..]), MemoryMarshal.Read<int>(body[28..]));
        var result = answer.Slice(16, wanted);
        body.Slice(32, given).CopyTo(result);
        return (_device.Control(request, result), 16 + wanted);
    }

    private static void Put(Span<byte> answer, int at, int value) => MemoryMarshal.Write(answer[at..], value);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteAll(int descriptor, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

/// <summary>What answers the calls to a <see cref="FuseFile"/>, on its thread; each returns 0 or an errno.</summary>
internal interface IFuseDevice
{
    int Open();

    int Write(ReadOnlySpan<byte> bytes);

    /// <param name="request">The number of the ioctl.</param>
    /// <param name="argument">What it points to, to be changed.</param>
    int Control(uint request, Span<byte> argument);

    int Close();
}
