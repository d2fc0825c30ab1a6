namespace HaGrpc.Simulation.Tests;

/// <summary>A process that can be killed (what it had scheduled never happens) and stopped (it happens late).</summary>
internal sealed class SimProcess(World world)
{
    private readonly List<Action> _stalled = [];
    private int _incarnation;

    public bool Alive { get; private set; }

    public bool Stopped { get; private set; }

    public void Start()
    {
        Alive = true;
        Stopped = false;
    }

    public void Kill()
    {
        _incarnation++;
        _stalled.Clear();
        Alive = false;
        Stopped = false;
    }

    public void Stop() => Stopped = Alive;

    public void Continue()
    {
        Stopped = false;
        var stalled = _stalled.ToArray();
        _stalled.Clear();
        foreach (var action in stalled)
            Run(action);
    }

    /// <summary>Runs <paramref name="action"/> in this process after the delay, when it lives and is not stopped.</summary>
    public void After(TimeSpan delay, Action action)
    {
        var incarnation = _incarnation;
        world.After(delay, () =>
        {
            if (incarnation == _incarnation && Alive)
                Run(action);
        });
    }

    public void At(long realTime, Action action)
    {
        var incarnation = _incarnation;
        world.At(realTime, () =>
        {
            if (incarnation == _incarnation && Alive)
                Run(action);
        });
    }

    private void Run(Action action)
    {
        if (Stopped)
            _stalled.Add(action);
        else
            action();
    }
}
