namespace HaGrpc.Simulation.Tests;

/// <summary>A process that can be killed (what it had scheduled never happens) and stopped (it happens late).</summary>
internal sealed class SimProcess(World world)
{
    private readonly List<Action> _stalled = [];

    /// <summary>Raised by every kill.</summary>
    public int Incarnation { get; private set; }

    public bool Alive { get; private set; }

    public bool Stopped { get; private set; }

    public bool Runs => Alive && !Stopped;

    public void Start()
    {
        Alive = true;
        Stopped = false;
    }

    public void Kill()
    {
        Incarnation++;
        _stalled.Clear();
        Alive = false;
        Stopped = false;
    }

    public void Stop() => Stopped = Alive;

    public void Continue()
    {
        if (!Stopped)
            return;
        Stopped = false;
        var stalled = _stalled.ToArray();
        _stalled.Clear();
        foreach (var action in stalled)
            Run(Incarnation, action);
    }

    /// <summary>Runs <paramref name="action"/> in this process after the delay, when it lives and is not stopped.</summary>
    public void After(TimeSpan delay, Action action) => At(world.Now + (delay.Ticks * 100), action);

    public void At(long realTime, Action action) => world.At(realTime, this, action);

    /// <summary>Only for <see cref="World"/>: something that this process had scheduled is due.</summary>
    public void Run(int incarnation, Action action)
    {
        if (incarnation != Incarnation || !Alive)
            return;
        if (Stopped)
            _stalled.Add(action);
        else
            action();
    }
}
