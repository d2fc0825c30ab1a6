using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// W2, W4: a shim or a guard, which outlives the agent. It sleeps for the end that the deadline file names and then acts;
/// of a later end it learns when it wakes up, of an earlier one it must be told.
/// </summary>
internal sealed class Sleeper(World world, NodeClock clock, Func<BootInstant> deadline, Action end)
{
    private long _wakesAt = long.MaxValue;

    public SimProcess Process { get; } = new(world);

    public void Start()
    {
        if (!Process.Alive)
        {
            _wakesAt = long.MaxValue;
            Process.Start();
        }
        Look();
    }

    public void Kill() => Process.Kill();

    public void Look()
    {
        var until = deadline();
        if (!Process.Alive || until == BootInstant.Never)
            return;
        var at = Math.Max(world.Now, clock.RealTimeOf(until)) + (world.Between(0, 5).Ticks * 100);
        if (at >= _wakesAt)
            return;
        _wakesAt = at;
        Process.At(at, () => Wake(at));
    }

    private void Wake(long at)
    {
        if (at != _wakesAt)
            return;
        _wakesAt = long.MaxValue;
        if (deadline() <= clock.Now)
            end();
        else
            Look();
    }
}
