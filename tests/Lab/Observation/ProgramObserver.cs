using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>
/// When each program of the set ran on a host. A program says itself that it starts (its clock, read in its first
/// statement); that it has ended the kernel says, through a pidfd, to the millisecond and whatever killed it.
/// </summary>
internal sealed class ProgramObserver : IDisposable
{
    private readonly LabHost _host;
    private readonly NamespaceThread _thread;
    private readonly ConcurrentDictionary<int, ProgramLife> _lives = [];

    public ProgramObserver(LabHost host)
    {
        _host = host;
        _thread = NamespaceThread.Start(null, $"programs of {host.Name}", Listen);
    }

    /// <summary>Path for the environment variable HAGRPC_LAB_OBSERVER of the host's programs.</summary>
    public string SocketPath => Path.Combine(_host.Directory, "observer.sock");

    public IReadOnlyList<ProgramLife> Lives => [.. _lives.Values.OrderBy(l => l.StartedAt)];

    public IReadOnlyList<ProgramLife> Alive => [.. Lives.Where(l => l.EndedAt == Interval.Open)];

    public void Dispose() => _thread.Dispose();

    private unsafe void Listen(Action ready, CancellationToken stop)
    {
        using var socket = KernelSocket.UnixDatagram(SocketPath);
        ready();
        var buffer = new byte[512];
        List<(int Pid, int Fd)> watched = [];
        while (!stop.IsCancellationRequested)
        {
            var polls = new Libc.PollFd[watched.Count + 1];
            polls[0] = new() { Fd = socket.Fd, Events = Libc.PollIn };
            for (var i = 0; i < watched.Count; i++)
                polls[i + 1] = new() { Fd = watched[i].Fd, Events = Libc.PollIn };
            fixed (Libc.PollFd* pointer = polls)
                _ = Libc.Poll(pointer, (nuint)polls.Length, 50);
            var now = BootClock.Nanoseconds;
            for (var i = polls.Length - 1; i > 0; i--)
            {
                if (polls[i].Seen == 0)
                    continue;
                var (pid, fd) = watched[i - 1];
                _lives[pid] = _lives[pid] with { EndedAt = now };
                _ = Libc.Close(fd);
                watched.RemoveAt(i - 1);
            }
            if (polls[0].Seen != 0)
                Note(Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)), watched);
        }
        watched.ForEach(w => Libc.Close(w.Fd));
    }

    private void Note(string announcement, List<(int Pid, int Fd)> watched)
    {
        if (announcement.Split(' ') is not [var what, var role, var pidText, var atText])
            return;
        var pid = int.Parse(pidText, CultureInfo.InvariantCulture);
        var at = long.Parse(atText, CultureInfo.InvariantCulture);
        if (what == "start")
        {
            var fd = Libc.PidfdOpen(pid);
            _lives[pid] = new(_host.Name, role, pid, at, 0, fd < 0 ? BootClock.Nanoseconds : Interval.Open);
            if (fd >= 0)
                watched.Add((pid, fd));
        }
        else if (what == "ready" && _lives.TryGetValue(pid, out var life))
        {
            _lives[pid] = life with { ReadyAt = at };
        }
    }
}
