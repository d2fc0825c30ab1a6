using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Rule C10: operators who have hosts switched off or see that they are, and the devices that do it: well, late, or not at all. In some
/// seeds only and with numbers of their own, so that the other seeds take the course that they took before there were any.
/// </summary>
internal sealed class Fences(ulong seed, World world, SimDatabase database, IReadOnlyList<SimControlPlane> planes, IReadOnlyList<SimHost> hosts)
{
    private readonly SeededRandom _random = new(seed ^ 0x5DEECE66D);
    private bool _over;

    /// <summary>One of them every 32 seeds, and one beside restored backups every 64.</summary>
    public bool IsOn { get; } = seed % 32 is 0 or 12 or 24 || seed % 64 == 37;

    /// <summary>What a group is registered with.</summary>
    public Fencing Choose() => IsOn && _random.NextDouble() < 0.3 ? Fencing.Required : Fencing.Off;

    public void Next()
    {
        if (!IsOn || _random.NextDouble() >= 0.35)
            return;
        var owner = database.Of(_random.NextDouble() < 0.5 ? "g1" : "g2").Stored.Owner;
        var host = hosts.FirstOrDefault(h => h.Name == owner && _random.NextDouble() < 0.7) ?? hosts[_random.Next(hosts.Count)];
        if (_random.NextDouble() < 0.25)
        {
            LosePower(host, Between(500, 6000));
            // Whoever walks there sees it.
            world.After(Between(0, 1500), () => Tell(host));
            return;
        }
        foreach (var plane in planes.Where(p => p.Leads))
            plane.Fence(host);
    }

    /// <summary>The core is healthy from here on: what is switched on again stays on.</summary>
    public void Heal() => _over = true;

    /// <summary>A device that is asked now.</summary>
    /// <param name="host">Whom it switches off.</param>
    /// <param name="answered">Called once: true when it confirms, after the host was off.</param>
    public void SwitchOff(SimHost host, Action<bool> answered)
    {
        var takes = Between(5, 1500);
        var answers = takes + Between(0, 4000);
        if (_random.NextDouble() < 0.2)
        {
            world.After(takes, () => answered(false));
            return;
        }
        var confirms = _random.NextDouble() < 0.85;
        var reboots = _random.NextDouble() < 0.5;
        var back = reboots ? Between(20, 400) : answers - takes + Between(200, 5000);
        world.After(takes, () =>
        {
            if (_over)
                confirms = false;
            else
                LosePower(host, back);
        });
        world.After(answers, () => answered(confirms));
    }

    private void LosePower(SimHost host, TimeSpan back)
    {
        world.Log("FAULT", $"{host.Name} is switched off");
        host.Boot();
        world.After(back, host.StartAgent);
    }

    private void Tell(SimHost host)
    {
        foreach (var plane in planes.Where(p => p.Leads))
            plane.ConfirmOff(host);
    }

    private TimeSpan Between(double fromMs, double toMs) =>
        TimeSpan.FromMilliseconds(fromMs + (_random.NextDouble() * (toMs - fromMs)));
}
