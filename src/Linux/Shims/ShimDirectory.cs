using System.Globalization;
using System.Text;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Shims;

/// <summary>The directory of a shim: <c>spec</c>, <c>shim</c> (its process), <c>socket</c>, <c>state</c>, <c>exit</c>, <c>logs</c> when those were changed while it ran, and <c>shim.log</c> with what it had to complain of.</summary>
/// <param name="path">Absolute path.</param>
internal sealed class ShimDirectory(string path)
{
    /// <summary>Absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>Where the shim's own standard error goes.</summary>
    public string LogPath => File("shim.log");

    /// <summary>Path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the directory (mode 0700), removes the traces of the instance before and writes the spec.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Prepare(ShimSpec spec)
    {
        if (Directory.Exists(Path))
        {
            foreach (var name in (ReadOnlySpan<string>)["exit", "state", "socket", "shim", "logs"])
                System.IO.File.Delete(File(name));
        }
        Write("spec", spec.Encode());
    }

    /// <summary>Writes a file so that a reader sees the old contents or the new ones.</summary>
    public void Write(string name, byte[] contents)
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        System.IO.File.WriteAllBytes(File(name + ".new"), contents);
        System.IO.File.Move(File(name + ".new"), File(name), overwrite: true);
    }

    /// <summary>The spec, or null when there is no complete one.</summary>
    public ShimSpec? ReadSpec() => Read("spec") is { } bytes ? ShimSpec.Decode(bytes) : null;

    /// <summary>What was changed of the logs since the start, or null.</summary>
    public ShimSpec? ReadLogs() => Read("logs") is { } bytes ? ShimSpec.Decode(bytes) : null;

    /// <summary>Puts the shim's own process on file; what <see cref="ShimRequest.Go"/> waits for.</summary>
    public void WriteShim(ProcessIdentity shim) =>
        Write("shim", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{shim.Pid}:{shim.StartTime}\n")));

    /// <summary>The shim's own process; none when it never got as far as <see cref="ShimRequest.Go"/>.</summary>
    public ProcessIdentity ReadShim() =>
        Read("shim") is { } bytes ? ProcessIdentity.Parse(Encoding.UTF8.GetString(bytes).TrimEnd('\n')) : ProcessIdentity.None;

    /// <summary>The record in <c>state</c> or <c>exit</c>, or null when there is no complete one.</summary>
    public ShimRecord? ReadRecord(string name) =>
        Read(name) is { } bytes ? ShimRecord.Parse(Encoding.UTF8.GetString(bytes)) : null;

    /// <summary>A file's bytes, or null when it is absent.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return System.IO.File.ReadAllBytes(File(name));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
