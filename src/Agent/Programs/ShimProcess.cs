using System.ComponentModel;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// A live shim as the agent sees it: its process descriptor and the connection to it, both watched on the host's thread. It tidies
/// up after itself once the shim's process is over.
/// </summary>
internal sealed class ShimProcess
{
    private readonly EventThread _thread;
    private readonly PidFd _shim;
    private readonly ShimConnection? _connection;
    private bool _isOver;

    private ShimProcess(EventThread thread, ShimDirectory directory, ShimSpec spec, PidFd shim, ShimConnection? connection)
    {
        _thread = thread;
        Directory = directory;
        Spec = spec;
        _shim = shim;
        _connection = connection;
    }

    /// <summary>Called with every record of the shim; one that is over is the last.</summary>
    public Action<ShimRecord>? Reported { get; set; }

    /// <summary>Called when the shim has ended without a record that is over.</summary>
    public Action? Lost { get; set; }

    /// <summary>Its directory.</summary>
    public ShimDirectory Directory { get; }

    /// <summary>What it was told to run.</summary>
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

    /// <summary>Finds the live shim of a directory that an earlier agent left; null when there is none.</summary>
    public static ShimProcess? TryAttach(EventThread thread, ShimDirectory directory, ShimSpec spec)
    {
        var state = directory.ReadRecord("state");
        if (state is not null && state.Instance != spec["instance"])
            state = null;
        var connection = ShimConnection.TryConnect(directory);
        var shim = connection is not null ? PidFd.TryOpen(connection.PeerPid)
            : state is not null ? PidFd.TryOpen(state.Shim)
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
        if (_connection is not null)
            _thread.Watch(_connection.Descriptor, Receive);
        _thread.Watch(_shim.Descriptor, End);
    }

    /// <summary>Sends a request; false when the shim does not take it.</summary>
    public bool Send(byte[] request) => _connection?.Send(request) ?? false;

    /// <summary>True while its process is alive.</summary>
    public bool IsAlive => _shim.Descriptor >= 0 && _shim.Process.IsAlive;

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
        if (_connection is { Descriptor: >= 0 })
        {
            Receive();
            if (_connection.Descriptor >= 0)
                _thread.Unwatch(_connection.Descriptor);
            _connection.Dispose();
        }
        if (!_isOver)
            Note(Directory.ReadRecord("exit"));
        _thread.Unwatch(_shim.Descriptor);
        _shim.Reap();
        _shim.Dispose();
        if (!_isOver)
            Lost?.Invoke();
    }
}
