using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Faults;

/// <summary>kill -9; nobody starts it again before it is healed.</summary>
internal sealed class KilledProcess(string target, string host, IStartable process) : Fault("kill", target)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public override Damage Damage => Damage.Halt(host);

    protected override Task Begin()
    {
        process.Process.Signal(Libc.SigKill);
        return process.Process.WaitForExit(Limit);
    }

    protected override Task End()
    {
        process.Start();
        return Task.CompletedTask;
    }
}

/// <summary>SIGSTOP until healed; then it goes on as if nothing had been.</summary>
internal sealed class StoppedProcess(string target, string host, IStartable process) : Fault("stop", target)
{
    private LabProcess? _stopped;

    public override Damage Damage => Damage.Halt(host);

    protected override Task Begin()
    {
        _stopped = process.Process;
        _stopped.Signal(Libc.SigStop);
        return Task.CompletedTask;
    }

    protected override Task End()
    {
        _stopped!.Signal(Libc.SigCont);
        return Task.CompletedTask;
    }
}

/// <summary>SIGSTOP for five seconds, whatever happens meanwhile.</summary>
internal sealed class PausedProcess(string target, string host, IStartable process) : Fault("pause", target)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    private Task _end = Task.CompletedTask;

    public override Damage Damage => Damage.Halt(host);

    public override TimeSpan? Lasts => Length;

    protected override Task Begin()
    {
        var stopped = process.Process;
        var until = stopped.Signal(Libc.SigStop) + (long)Length.TotalNanoseconds;
        _end = Task.Factory.StartNew(
            () =>
            {
                while (BootClock.Nanoseconds < until)
                    Libc.WaitUntil(until);
                stopped.Signal(Libc.SigCont);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    /// <summary>Waits for its end.</summary>
    protected override Task End() => _end;
}
