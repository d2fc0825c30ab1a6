using System.ComponentModel;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// A live shim as the agent sees it: its process descriptor and the connection to it, both watched on the host's thread. It tidies
/// up after itself once the shim's process is over.
/// </summary>
internal sealed class ShimProcess
{
    private const long ConnectPause = 2_000_000;

    private readonly EventThread _thread;
    private readonly PidFd _shim;
    private ShimConnection? _connection;
    private EventThread.Timer? _connecting;
    private bool _isOver;

    private ShimProcess(EventThread thread, ShimDirectory directory, ShimSpec spec, PidFd shim, ShimConnection? connection)
    {
        _thread = thread;
        Directory = directory;
        Spec = spec.WithoutCommand();
        _shim = shim;
        _connection = connection;
    }

    /// <summary>Called with every record of the shim; one that is over is the last.</summary>
    public Action<ShimRecord>? Reported { get; set; }

    /// <summary>Called when the shim has ended without a record that is over.</summary>
    public Action? Lost { get; set; }

    /// <summary>Its directory.</summary>
    public ShimDirectory Directory { get; }

    /// <summary>What it was told, without the command.</summary>
    public ShimSpec Spec { get; }

    /// <summary>Its process id.</summary>
    public int Pid => _shim.Process.Pid;

    /// <summary>The last record; null before the first.</summary>
    public ShimRecord? Record { get; private set; }

    /// <summary>Starts a shim. To be called on the thread.</summary>
    /// <exception cref="Win32Exception">It could not be started.</exception>
    /// <exception cref="IOException">Its directory could not be written.</exception>
    public static ShimProcess Start(EventThread thread, string shimPath, ShimDirectory directory, ShimSpec spec)
    {
        directory.Prepare(spec);
        var connection = ShimConnection.Pair(out var inherited);
        try
        {
            var pid = ShimSpawn.Start(shimPath, "run", directory, inherited);
            // A child that nobody has waited for keeps its pid: this cannot be somebody else.
            var shim = PidFd.TryOpen(pid) ?? throw new Win32Exception(Libc.ESRCH, $"pidfd_open of the shim {pid}");
            try
            {
                // Rule S1: from here on the next agent finds it, so now it may start the program.
                directory.WriteShim(shim.Process);
                _ = connection.Send(ShimRequest.Go);
            }
            catch
            {
                shim.KillNewChild();
                shim.Dispose();
                throw;
            }
            return new ShimProcess(thread, directory, spec, shim, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        finally
        {
            _ = Libc.close(inherited);
        }
    }

    /// <summary>Finds the live shim of a directory that an earlier agent left; null when there is none, and then none will start
    /// a program there any more. One that has just been started, or is about to end, may have no socket: it is asked again.</summary>
    public static ShimProcess? TryAttach(EventThread thread, ShimDirectory directory, ShimSpec spec)
    {
        var state = directory.ReadRecord("state");
        if (state is not null && state.Instance != spec["instance"])
            state = null;
        var connection = ShimConnection.TryConnect(directory);
        var known = directory.ReadShim();
        // One that is over may still be a zombie: where it was our child, or where process 1 does not wait for anybody.
        var shim = connection is not null ? PidFd.TryOpen(connection.PeerPid)
            : known.IsAlive ? PidFd.TryOpen(known)
            : null;
        if (shim is null)
        {
            connection?.Dispose();
            return null;
        }
        return new ShimProcess(thread, directory, spec, shim, connection) { Record = state };
    }

    /// <summary>Begins to report. To be called on the thread, once <see cref="Reported"/> and <see cref="Lost"/> are set.</summary>
    public void Watch()
    {
        _thread.Watch(_shim.Descriptor, End);
        if (_connection is not null)
            _thread.Watch(_connection.Descriptor, Receive);
        else
            Connect();
    }

    /// <summary>Sends a request; false when the shim does not take it.</summary>
    public bool Send(byte[] request) => _connection?.Send(request) ?? false;

    /// <summary>True while its process is alive.</summary>
    public bool IsAlive => _shim.Descriptor >= 0 && _shim.Process.IsAlive;

    /// <summary>Reads what it has said and nobody has heard yet: a shim that is over may have left its last word.</summary>
    public void Collect()
    {
        if (_connection is { Descriptor: >= 0 })
            Receive();
        if (!_isOver)
            Note(Directory.ReadRecord("exit"));
    }

    private void Connect()
    {
        _connection = ShimConnection.TryConnect(Directory);
        if (_connection is null)
        {
            _connecting = _thread.At(BootClock.Nanoseconds + ConnectPause, Connect);
            return;
        }
        _thread.Watch(_connection.Descriptor, Receive);
        _ = _connection.Send(ShimRequest.Status);
    }

    private void Receive()
    {
        while (true)
        {
            var record = _connection!.Receive(out var ended);
            if (record is not null)
            {
                Note(record);
                continue;
            }
            if (ended)
            {
                _thread.Unwatch(_connection.Descriptor);
                _connection.Dispose();
            }
            return;
        }
    }

    private void Note(ShimRecord? record)
    {
        if (record is null || _isOver || record.Instance != Spec["instance"])
            return;
        Record = record;
        _isOver = record.IsOver;
        Reported?.Invoke(record);
    }

    private void End()
    {
        _connecting?.Cancel();
        Collect();
        if (_connection is { Descriptor: >= 0 })
        {
            _thread.Unwatch(_connection.Descriptor);
            _connection.Dispose();
        }
        _thread.Unwatch(_shim.Descriptor);
        _shim.Reap();
        _shim.Dispose();
        if (!_isOver)
            Lost?.Invoke();
    }
}
