using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Shim.Output;

namespace HaGrpc.Shim;

/// <summary>
/// <c>ha-shim run</c>: runs one program once. It is its session's leader and the subreaper of everything the program starts,
/// ends the whole tree when the group's deadline passes (rule W2), when it is told to, or when the main process has ended,
/// and leaves an exit record once no process of the tree is left.
/// </summary>
internal sealed unsafe class ProgramShim
{
    private const int SignalsAt = 0, DeadlineAt = 1, StopAt = 2, PipeAt = 3, AdoptedAt = 4, ListenerAt = 5;
    private const int OutputAt = ListenerAt + 1 + Endpoint.MaxConnections;
    private const int QuietRounds = 2;
    private const int Watched = OutputAt + ProgramOutput.Watched;

    private readonly Spec _spec;
    private readonly int _signals;
    private readonly int _stopTimer;
    private readonly DeadlineWatch _deadline;
    private readonly ProgramOutput _output;
    private readonly ProgramInput _input;
    private readonly Launch _launch;
    private readonly BreachWatch _limits;
    private readonly AdoptedProcess? _adopted;
    private readonly byte* _cgroupKill;
    private readonly byte* _cgroupEvents;
    private Endpoint _endpoint;
    private LaunchFailure _failure;
    private int _pipe = -1;
    private int _program;
    private int _programStatus;
    private long _programTime;
    private EndCause _cause;
    private int _askedGroup;
    private bool _isOpening;
    private bool _mayBeStillborn;
    private bool _isEndUnknown;
    private bool _isTreeGone;
    private bool _killing;
    private int _killPause = 1;
    private int _quietRounds;
    private Instants _started;
    private Instants _ended;
    private Record _identity;

    public ProgramShim(Spec spec, int signals, int inherited, uint umask, DeadlineFile? deadline, LaunchFailure failure)
    {
        _spec = spec;
        _signals = signals;
        _failure = failure;
        _deadline = new DeadlineWatch(deadline);
        _stopTimer = Libc.timerfd_create(Libc.CLOCK_BOOTTIME, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK);
        _output = new ProgramOutput(spec);
        _input = new ProgramInput(spec);
        if (_failure.Step == LaunchStep.None)
            _failure = _input.Failure;
        _launch = new Launch(spec, umask, _input.End, _output.EndOf(standardError: false), _output.EndOf(standardError: true));
        _limits = new BreachWatch(spec);
        _adopted = AdoptedProcess.Of(spec);
        _cgroupKill = spec.Find("kill="u8);
        _cgroupEvents = spec.Find("events="u8);
        _endpoint = Endpoint.Open(inherited);
        // 022: log files are for people to read. All else that the shim makes from here on has a mode of its own.
        _ = Libc.umask(0x12);
        Identify(0);
    }

    /// <summary>Runs the program to its end.</summary>
    public void Run()
    {
        Begin();
        var fds = stackalloc Libc.PollFd[Watched];
        while (true)
        {
            fds[SignalsAt] = new Libc.PollFd { Fd = _signals, Events = Libc.POLLIN };
            fds[DeadlineAt] = new Libc.PollFd { Fd = _deadline.Timer, Events = Libc.POLLIN };
            fds[StopAt] = new Libc.PollFd { Fd = _stopTimer, Events = Libc.POLLIN };
            // No event but that its other end is closed: by then all is in it that there will be.
            fds[PipeAt] = new Libc.PollFd { Fd = _pipe };
            fds[AdoptedAt] = new Libc.PollFd { Fd = _program > 0 ? _adopted?.Descriptor ?? -1 : -1, Events = Libc.POLLIN };
            _endpoint.Watch(fds + ListenerAt);
            _output.Watch(fds + OutputAt);
            _ = Libc.poll(fds, Watched, _isTreeGone || IsWaiting ? -1 : _killPause);

            if (!_killing && _deadline.IsOver())
                Kill(EndCause.Deadline);
            if (fds[PipeAt].Returned != 0)
                ReadLaunch();
            if (fds[AdoptedAt].Returned != 0)
                NoteAdoptedEnd();
            if (fds[StopAt].Returned != 0)
                Kill(_cause);
            if (fds[ListenerAt].Returned != 0)
                _endpoint.Accept();
            for (var i = 0; i < Endpoint.MaxConnections; i++)
            {
                if (fds[ListenerAt + 1 + i].Returned != 0)
                    Serve(i);
            }
            ReadSignals();
            _output.Serve(fds + OutputAt);
            if (_isOpening && _output.IsOpen)
                Start();
            Push();
            var nothingLeft = Reap() || _quietRounds >= QuietRounds;
            nothingLeft = nothingLeft && (_isTreeGone || IsWaiting || _adopted?.IsGone is not false);
            if (!_isTreeGone && nothingLeft && _program == 0 && _pipe < 0 && !_isOpening && !CgroupPopulation.IsAny(_cgroupEvents))
            {
                _isTreeGone = true;
                _output.Finish();
            }
            if (_isTreeGone && _output.IsOver)
                break;
            if (!_isTreeGone && !IsWaiting)
                KillRound();
        }
        _output.GiveUp();
        Finish();
        _output.Abandon();
    }

    /// <summary>True while it is the program's turn: nothing is to be killed.</summary>
    private bool IsWaiting => !_killing && (_program > 0 || _pipe >= 0 || _isOpening || IsGroupEnding);

    /// <summary>True while others of the process group still follow the signal that asked all of it to stop: a wrapper such as <c>sh -c</c> dies of it at
    /// once, and what it wraps has until the stop timer to write its data. Of a process that was taken over this is nobody's child.</summary>
    private bool IsGroupEnding => _askedGroup > 0 && _adopted is null && Libc.kill(-_askedGroup, 0) == 0;

    private void Begin()
    {
        if (_failure.Step != LaunchStep.None)
            return;
        if (_deadline.IsOver())
        {
            _cause = EndCause.Deadline;
            _failure = new LaunchFailure(LaunchStep.Deadline, Libc.ETIME);
            return;
        }
        // The end has to be on record also when whoever shares this disk has filled it by then.
        Record.Reserve(Spec.Name("exit.new\0"u8));
        _isOpening = true;
        _output.Open();
        if (_output.IsOpen)
            Start();
    }

    /// <summary>The log files are open, or one could not be.</summary>
    private void Start()
    {
        _isOpening = false;
        _failure = _output.Failure;
        if (_adopted is null)
            Fork(straight: true);
        else
            Take(_adopted);
    }

    /// <summary>The program runs already: from here on it is watched, and ended when it has to be, as one that was forked here.</summary>
    private void Take(AdoptedProcess adopted)
    {
        if (_failure.Step == LaunchStep.None && _deadline.IsOver())
            (_cause, _failure) = (EndCause.Deadline, new LaunchFailure(LaunchStep.Deadline, Libc.ETIME));
        if (_failure.Step == LaunchStep.None && !adopted.TryTake())
            _failure = new LaunchFailure(LaunchStep.Adopt, Libc.ESRCH);
        CloseEnds();
        if (_failure.Step != LaunchStep.None)
            return;
        _program = adopted.Pid;
        _started = Instants.At(adopted.StartedAt);
        Identify(_program);
        var record = Describe();
        record.Store(Spec.Name("state.new\0"u8), Spec.Name("state\0"u8));
        _endpoint.Push(ref record);
    }

    private void NoteAdoptedEnd()
    {
        _ended = Instants.Now();
        // Its status goes to its parent. That it was killed from here needs no telling.
        _isEndUnknown = !_killing;
        _programStatus = Libc.SIGKILL;
        _program = 0;
    }

    private void CloseEnds()
    {
        _input.CloseEnd();
        _output.CloseEnds();
    }

    private void Fork(bool straight)
    {
        (_program, _mayBeStillborn) = (0, false);
        // Rule L7: right before it, however long it took to come here.
        if (_failure.Step == LaunchStep.None && _deadline.IsOver())
            (_cause, _failure) = (EndCause.Deadline, new LaunchFailure(LaunchStep.Deadline, Libc.ETIME));
        if (_failure.Step == LaunchStep.None)
            _program = Math.Max(0, _launch.Start(straight, out _mayBeStillborn, out _pipe, out _failure));
        if (!_mayBeStillborn)
            CloseEnds();
        Identify(_program);
    }

    /// <summary>Tells of lost output when that begins and when it ends, and of what cannot be done with the logs.</summary>
    private void Push()
    {
        if (_isTreeGone || !_output.HasNews)
            return;
        var record = Describe();
        _endpoint.Push(ref record);
    }

    /// <summary>The program has been executed, or could not be.</summary>
    private void ReadLaunch()
    {
        var hasBegun = Launch.HasBegun(_pipe, out _failure);
        _pipe = -1;
        // What was killed by us, or might have been by a signal to stop, is not to begin any more.
        if (!hasBegun && _mayBeStillborn && !_killing && _cause == EndCause.Own)
        {
            _ended = default;
            Fork(straight: false);
            return;
        }
        CloseEnds();
        if (_failure.Step != LaunchStep.None)
            return;
        _started = Instants.Now();
        var record = Describe();
        record.Store(Spec.Name("state.new\0"u8), Spec.Name("state\0"u8));
        _endpoint.Push(ref record);
    }

    private void ReadSignals()
    {
        for (int signal; (signal = Signals.Next(_signals)) != 0;)
        {
            if (signal is Libc.SIGTERM or Libc.SIGINT)
            {
                Stop(
                    (int)_spec.Number("stopsignal="u8, Libc.SIGTERM),
                    _spec.Number("stoptimeout="u8, 10_000_000_000),
                    _spec.Find("stopasgroup="u8) is not null);
            }
        }
    }

    private void Serve(int connection)
    {
        // Requests: see HaGrpc.Linux.Shims.ShimRequest.
        var packet = stackalloc byte[16];
        for (int count; (count = _endpoint.Receive(connection, packet, 16)) > 0;)
        {
            if (count < 16)
                continue;
            var number = *(int*)(packet + 4);
            switch (packet[0])
            {
                case (byte)'?':
                    _adopted?.Remember();
                    var record = Describe();
                    _endpoint.Answer(connection, ref record);
                    break;
                case (byte)'S':
                    Signal(number, packet[1] != 0);
                    break;
                case (byte)'T':
                    Stop(number, *(long*)(packet + 8), packet[1] != 0);
                    break;
                case (byte)'K':
                    Kill(EndCause.Killed);
                    break;
                case (byte)'L':
                    _output.Follow();
                    break;
                default:
                    // 'D' says that the deadline has changed, which is looked at after every wake-up.
                    break;
            }
        }
        if (!_killing && _deadline.IsOver())
            Kill(EndCause.Deadline);
    }

    private void Signal(int signal, bool group)
    {
        if (_program > 0 && _adopted is not null)
            _adopted.Signal(signal, group);
        else if (_program > 0)
            _ = Libc.kill(group ? -_program : _program, signal);
    }

    private void Stop(int signal, long timeout, bool group)
    {
        if (_isOpening)
        {
            Kill(EndCause.Stopped);
            return;
        }
        if (_cause == EndCause.Own && _program > 0)
            _cause = EndCause.Stopped;
        if (group && _program > 0)
            _askedGroup = _program;
        var value = default(Libc.TimerSpec);
        value.Value.Seconds = timeout / 1_000_000_000;
        value.Value.Nanoseconds = Math.Max(1, timeout % 1_000_000_000);
        _ = Libc.timerfd_settime(_stopTimer, 0, &value, null);
        Signal(signal, group);
    }

    private void Kill(EndCause cause)
    {
        if (!_killing && (_program > 0 || _isOpening))
            _cause = cause;
        if (_isOpening)
            _failure = cause == EndCause.Deadline ? new(LaunchStep.Deadline, Libc.ETIME) : new(_output.Opening, Libc.EINTR);
        _isOpening = false;
        _killing = true;
        KillRound();
    }

    /// <summary>SIGKILL to everything there is; repeated with a short pause until nothing is left.</summary>
    private void KillRound()
    {
        if (_cgroupKill is not null)
        {
            var fd = Libc.open(_cgroupKill, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
            if (fd >= 0)
            {
                _ = Libc.write(fd, Spec.Name("1"u8), 1);
                _ = Libc.close(fd);
            }
        }
        // What compresses a backup is not the program's, and may hang on a disk.
        var left = ProcessTree.KillDescendants(Libc.getpid(), _output.Packer);
        if (_adopted is not null)
            left += _adopted.Kill();
        // Once might have been in the middle of a fork.
        _quietRounds = left == 0 && _output.Packer > 0 ? _quietRounds + 1 : 0;
        if (_killing)
            _killPause = Math.Min(50, _killPause * 2);
        _killing = true;
    }

    /// <summary>Collects every child that has ended.</summary>
    /// <returns>True when there is no child left, also none that was adopted.</returns>
    private bool Reap()
    {
        while (true)
        {
            int status;
            Libc.Usage usage;
            var pid = Libc.wait4(-1, &status, Libc.WNOHANG, &usage);
            if (pid == 0)
                return false;
            if (pid < 0)
                return Libc.Errno == Libc.ECHILD;
            if (pid == _output.Packer)
                _output.PackerEnded(status);
            if (pid != _program)
                continue;
            _ended = Instants.Now();
            _programStatus = status;
            _programTime = ((usage.UserSeconds + usage.SystemSeconds) * 1_000_000) + usage.UserMicroseconds + usage.SystemMicroseconds;
            _program = 0;
        }
    }

    private void Finish()
    {
        if (_ended.Boot == 0)
            _ended = Instants.Now();
        var record = _identity;
        if (_failure.Step != LaunchStep.None)
        {
            record.Add("state="u8, "failed"u8);
            record.Add("step="u8, _failure.Name);
            record.Add("errno="u8, _failure.Error);
        }
        else
        {
            record.Add("state="u8, "exited"u8);
            AddStart(ref record);
            if (_isEndUnknown && _adopted!.TryReadEnd(out var told))
                (_programStatus, _isEndUnknown) = (told, false);
            if (_isEndUnknown)
                record.Add("unknown="u8, 1);
            // Death by a signal has bits 0-6 set (waitpid(2)).
            else if ((_programStatus & 0x7f) == 0)
                record.Add("code="u8, (_programStatus >> 8) & 0xff);
            else
                record.Add("signal="u8, _programStatus & 0x7f);
            var breach = _limits.Of(_programStatus, _programTime, _cause);
            if (!breach.IsEmpty)
                record.Add("breach="u8, breach);
        }
        record.Add("cause="u8, Name(_cause));
        record.Add("ended="u8, _ended.Boot);
        record.Add("endedwall="u8, _ended.Wall);
        _output.Describe(ref record);
        if (_failure.Step != LaunchStep.None)
            record.Add("path="u8, _launch.PathOf(_failure));
        record.Store(Spec.Name("exit.new\0"u8), Spec.Name("exit\0"u8));
        // Before the push: whoever hears of the end may start the next shim in this directory.
        _ = Libc.unlink(Spec.Name("socket\0"u8));
        _endpoint.Push(ref record);
    }

    private void Identify(int program)
    {
        _identity = default;
        _identity.Add("boot="u8, _spec.Find("boot="u8));
        _identity.Add("instance="u8, _spec.Find("instance="u8));
        _identity.Add("generation="u8, _spec.Number("generation="u8, 0));
        _identity.AddProcess("shim="u8, Libc.getpid());
        if (program > 0)
            _identity.AddProcess("program="u8, program);
    }

    private Record Describe()
    {
        var record = _identity;
        record.Add("state="u8, _pipe >= 0 ? "starting"u8 : "running"u8);
        AddStart(ref record);
        _output.Describe(ref record);
        return record;
    }

    private void AddStart(ref Record record)
    {
        record.Add("started="u8, _started.Boot);
        record.Add("startedwall="u8, _started.Wall);
    }

    private static ReadOnlySpan<byte> Name(EndCause cause) => cause switch
    {
        EndCause.Stopped => "stopped"u8,
        EndCause.Deadline => "deadline"u8,
        EndCause.Killed => "killed"u8,
        _ => "own"u8,
    };
}
