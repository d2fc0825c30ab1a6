using System.Runtime.InteropServices;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>Waits for changes of files (inotify(7)). <see cref="Wait"/> and the watches are for one thread, <see cref="Stop"/> for any.
/// Where the kernel refuses inotify, and for files that another machine changes, <see cref="Wait"/> just takes its whole time: look
/// again then.</summary>
internal sealed unsafe partial class FileWatch : IDisposable
{
    private const int InitFlags = 0x80000 | 0x800; // IN_CLOEXEC, IN_NONBLOCK
    private const uint Modify = 2, Attributes = 4, Created = 0x100, MovedTo = 0x80, MovedSelf = 0x800, Once = 0x80000000;
    private const int HeaderBytes = 16;

    private readonly int _inotify = inotify_init1(InitFlags);
    private readonly int _stop = SocketCalls.OpenEvent();
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Watches for one change: written, cut, renamed or deleted. To be given again after each.</summary>
    /// <returns>A number that <see cref="Wait"/> tells, the same for all names of one file; -1 when it cannot be watched.</returns>
    public int WatchOnce(string file) => inotify_add_watch(_inotify, file, Modify | Attributes | MovedSelf | Once);

    /// <summary>Watches a directory for new names, again and again.</summary>
    /// <returns>As <see cref="WatchOnce"/>.</returns>
    public int WatchNames(string directory) => inotify_add_watch(_inotify, directory, Created | MovedTo);

    /// <summary>Waits until something that is watched has changed.</summary>
    /// <param name="limit">How long at most; zero: only what has changed already.</param>
    /// <param name="changed">Gets the numbers of what has changed; none after the whole time, or after <see cref="Stop"/>. -1 among
    /// them: anything may have changed.</param>
    public void Wait(TimeSpan limit, ICollection<int> changed)
    {
        Span<SocketCalls.PollDescriptor> descriptors = stackalloc SocketCalls.PollDescriptor[2];
        descriptors[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        descriptors[1] = new() { Descriptor = _inotify, Events = SocketCalls.PollIn };
        _ = SocketCalls.Poll(descriptors, (int)Math.Ceiling(limit.TotalMilliseconds));
        if (descriptors[1].Returned == 0)
            return;
        fixed (byte* buffer = _buffer)
        {
            for (nint count; (count = read(_inotify, buffer, _buffer.Length)) >= HeaderBytes;)
            {
                // struct inotify_event: number, mask, cookie, length of the name that follows.
                for (nint at = 0; at + HeaderBytes <= count; at += HeaderBytes + (nint)(*(uint*)(buffer + at + 12)))
                    changed.Add(*(int*)(buffer + at));
            }
        }
    }

    /// <summary>Ends <see cref="Wait"/>, now and ever after.</summary>
    public void Stop() => SocketCalls.SignalEvent(_stop);

    /// <summary>To be called when nobody waits or stops any more.</summary>
    public void Dispose()
    {
        if (_inotify >= 0)
            SocketCalls.Close(_inotify);
        SocketCalls.Close(_stop);
    }

    [LibraryImport("libc")]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(int inotify, string path, uint mask);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, byte* buffer, nint size);
}
