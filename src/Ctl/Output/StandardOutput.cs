using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HaGrpc.Ctl.Output;

/// <summary>
/// Standard output as bytes. Unlike the console's own stream it fails when nobody reads any more: <c>hactl tail -f … | head</c> has
/// to end. The <see cref="Exception.HResult"/> of its <see cref="IOException"/> is the errno.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    /// <summary>EPIPE: nobody reads any more.</summary>
    internal const int BrokenPipe = 32;

    private const int Descriptor = 1, EINTR = 4, EAGAIN = 11;
    private const short PollOut = 4, PollError = 8;

    /// <summary>False when it goes to a pipe whose reader has gone. What is shown again and again has to end then; the console's own stream does not say so.</summary>
    internal static unsafe bool HasReader()
    {
        var now = new PollDescriptor { Descriptor = Descriptor };
        return poll(&now, 1, 0) <= 0 || (now.Returned & PollError) == 0;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            for (nint done = 0; done < buffer.Length;)
            {
                var count = write(Descriptor, bytes + done, buffer.Length - done);
                if (count >= 0)
                {
                    done += count;
                    continue;
                }
                var error = Marshal.GetLastPInvokeError();
                if (error == EAGAIN)
                    WaitForRoom();
                else if (error != EINTR)
                    throw new IOException(new Win32Exception(error).Message, error);
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is kept back.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    // Somebody who shares the terminal or pipe has made it non-blocking.
    private static unsafe void WaitForRoom()
    {
        var wait = new PollDescriptor { Descriptor = Descriptor, Events = PollOut };
        _ = poll(&wait, 1, -1);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
