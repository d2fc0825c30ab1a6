using System.Diagnostics;
using System.Text;

namespace HaGrpc.Functional.Tests.Output;

/// <summary>A "file" whose writers hang until somebody reads: a named pipe that is full.</summary>
internal sealed class HangingDisk : IDisposable
{
    private readonly FileStream _pipe;
    private readonly byte[] _buffer = new byte[1 << 20];

    public HangingDisk(string path)
    {
        Path = path;
        Make(path);
        // Both ends, so that nobody waits for the other one.
        _pipe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
        _pipe.Write(new byte[65536]);
    }

    public string Path { get; }

    public static void Make(string path)
    {
        using var mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        mkfifo.ExitCode.ShouldBe(0);
    }

    /// <summary>What has been written, without the filling; waits until there is something.</summary>
    public string Read() =>
        Encoding.UTF8.GetString(_buffer, 0, _pipe.Read(_buffer)).Replace("\0", "", StringComparison.Ordinal);

    public void Dispose() => _pipe.Dispose();
}
