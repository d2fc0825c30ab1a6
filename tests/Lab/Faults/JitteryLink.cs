using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Faults;

/// <summary>Each frame from and to the host comes up to 200 ms late, each by a time of its own: frames overtake each other.</summary>
/// <param name="target">Whose.</param>
/// <param name="host">The host.</param>
/// <param name="seed">Of the delays.</param>
internal sealed class JitteryLink(string target, LabHost host, int seed) : Fault("jitter", target)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    private DelayedWire? _wire;

    public override Damage Damage => Damage.Disturbs(host.Name);

    protected override async Task Begin() => _wire = await DelayedWire.Insert(host, Longest, seed);

    protected override Task End() => _wire!.Remove(host);
}
