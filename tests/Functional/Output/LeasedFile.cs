using System.ComponentModel;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>A file that cannot be opened for writing, and whoever tries waits, while this is there: it holds a lease on it (fcntl(2)), which the kernel
/// breaks only after 45 s.</summary>
internal sealed class LeasedFile : IDisposable
{
    private const int SetSignal = 10, SetLease = 1024, Read = 0, Urgent = 23;

    private readonly int _fd;

    public LeasedFile(string path)
    {
        Path = path;
        File.WriteAllText(path, "");
        _fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        // What tells that somebody waits must be a signal that ends nobody.
        if (_fd < 0 || Libc.fcntl(_fd, SetSignal, Urgent) != 0 || Libc.fcntl(_fd, SetLease, Read) != 0)
            throw new Win32Exception();
    }

    public string Path { get; }

    public void Dispose() => _ = Libc.close(_fd);
}
