using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Faults;

/// <summary>The wall clock of the host's processes is suddenly off by an hour, and back again when it is healed.</summary>
/// <param name="target">Whose.</param>
/// <param name="process">The process that must notice it, started with the clock's environment.</param>
/// <param name="clock">The clock.</param>
/// <param name="hours">By how much, for example +1 or -1.</param>
internal sealed class SteppedWallClock(string target, IStartable process, WallClock clock, int hours) : Fault($"clock{hours:+0;-0}h", target)
{
    public override Damage Damage => Damage.None;

    protected override Task Begin()
    {
        if (!clock.IsOf(process.Process))
            throw new InvalidOperationException($"{process.Name} does not look at the clock that is to be stepped");
        clock.Set(TimeSpan.FromHours(hours));
        return Task.CompletedTask;
    }

    protected override Task End()
    {
        clock.Set(TimeSpan.Zero);
        return Task.CompletedTask;
    }
}
