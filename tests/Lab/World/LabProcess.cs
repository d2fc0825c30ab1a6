using System.Diagnostics;
using HaGrpc.Lab.Kernel;
using HaGrpc.Linux;

namespace HaGrpc.Lab.World;

/// <summary>A process that the lab started; everything on the way to it is an exec, so its pid is the program's own.</summary>
internal sealed class LabProcess : IDisposable
{
    private readonly Process _process;

    private LabProcess(Process process, string name)
    {
        _process = process;
        Name = name;
        StartedAt = BootClock.Nanoseconds;
    }

    public string Name { get; }

    public int Pid => _process.Id;

    public long StartedAt { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a command in a session of its own, its output appended to a file, in a host's namespaces if given.</summary>
    public static LabProcess Start(
        string name, string logFile, LabHost? host, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        List<string> line = ["setsid"];
        if (host is not null)
            line.AddRange(host.Inside());
        line.AddRange(["sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", logFile, .. command]);
        var start = new ProcessStartInfo(line[0], line.Skip(1));
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        return new(Process.Start(start) ?? throw new InvalidOperationException($"cannot start {name}"), name);
    }

    /// <summary>Sends a signal and says when.</summary>
    public long Signal(int signal)
    {
        var at = BootClock.Nanoseconds;
        Libc.Check(Libc.Kill(Pid, signal), $"kill({Name}, {signal})");
        return at;
    }

    public Task WaitForExit(TimeSpan limit) => Eventually.Until($"{Name} (pid {Pid}) ends", limit, () => HasExited);

    /// <summary>Resident set in KiB, of /proc/PID/status.</summary>
    public long ResidentKilobytes() => ProcFile.Kilobytes(Pid, "status", "VmRSS:");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _ = Libc.Kill(Pid, Libc.SigKill);
            _ = Libc.Kill(Pid, Libc.SigCont);
            _process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        _process.Dispose();
    }
}
