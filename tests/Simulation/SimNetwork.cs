namespace HaGrpc.Simulation.Tests;

/// <summary>Links between every host and the control plane, each direction on its own: lossy, slow, doubled, cut.</summary>
internal sealed class SimNetwork(World world)
{
    private readonly HashSet<(string From, string To)> _cut = [];

    public double Loss { get; set; }

    public double Duplication { get; set; }

    public double Slow { get; set; }

    public void Cut(string from, string to) => _cut.Add((from, to));

    public void Heal() => _cut.Clear();

    public bool IsCut(string from, string to) => _cut.Contains((from, to));

    public void Send(string from, string to, Action deliver)
    {
        if (IsCut(from, to) || world.Chance(Loss))
            return;
        var copies = world.Chance(Duplication) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = world.Chance(Slow) ? world.Between(50, 1200) : world.Between(0.1, 3);
            world.After(delay, () =>
            {
                if (!IsCut(from, to))
                    deliver();
            });
        }
    }
}
