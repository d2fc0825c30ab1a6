namespace HaGrpc.Simulation.Tests;

/// <summary>Links between every host and every control plane, each direction on its own: lossy, slow, doubled, cut.</summary>
internal sealed class SimNetwork(World world)
{
    private readonly Dictionary<(string From, string To), long> _cutSince = [];

    public double Loss { get; set; }

    public double Duplication { get; set; }

    public double Slow { get; set; }

    public IEnumerable<string> Cuts => _cutSince.Keys.Select(k => $"{k.From} -> {k.To}");

    public void Cut(string from, string to)
    {
        world.Log("FAULT", $"the link {from} -> {to} is cut");
        _cutSince.TryAdd((from, to), world.Now);
    }

    public void Mend(string from, string to)
    {
        if (_cutSince.Remove((from, to)))
            world.Log("FAULT", $"the link {from} -> {to} is whole again");
    }

    public void Heal()
    {
        world.Log("FAULT", $"every link is whole again");
        _cutSince.Clear();
    }

    public bool IsCut(string from, string to) => _cutSince.Count > 0 && _cutSince.ContainsKey((from, to));

    /// <summary>For how long nothing can have been sent from one to the other, in nanoseconds.</summary>
    public long CutFor(string from, string to) => _cutSince.TryGetValue((from, to), out var since) ? world.Now - since : 0;

    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="what">For the transcript.</param>
    /// <param name="deliver">What happens on arrival.</param>
    public void Send(string from, string to, Func<string> what, Action deliver)
    {
        if (IsCut(from, to) || world.Chance(Loss))
        {
            world.LogRoutine(from, $"-> {to}: {what()} (lost)");
            return;
        }
        var copies = world.Chance(Duplication) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = world.Chance(Slow) ? world.Between(50, 1200) : world.Between(0.1, 3);
            world.LogRoutine(from, $"-> {to}: {what()}{Fate(i, delay)}");
            world.After(delay, () =>
            {
                if (!IsCut(from, to))
                    deliver();
            });
        }
    }

    private static string Fate(int copy, TimeSpan delay) =>
        (copy > 0 ? " (once more)" : "") + (delay.TotalMilliseconds >= 50 ? $" (takes {delay.TotalMilliseconds:F0} ms)" : "");
}
