using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Addresses;

namespace HaGrpc.Agent.Vips;

/// <summary>Gathers what failed, so that one VIP's trouble does not stop the others.</summary>
internal sealed class OutcomeBuilder
{
    private readonly ImmutableArray<NetworkFailure>.Builder _failures = ImmutableArray.CreateBuilder<NetworkFailure>();
    private readonly ImmutableArray<string>.Builder _warnings = ImmutableArray.CreateBuilder<string>();

    /// <summary>See <see cref="NetworkOutcome.GateRefused"/>.</summary>
    public bool GateRefused { get; set; }

    public void Fail(string subject, NetworkStep step, string reason) => _failures.Add(new(subject, step, reason));

    public void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Parses the VIPs; those that cannot be parsed fail and are left out.</summary>
    public List<VipAddress> Parse(IReadOnlyCollection<Vip> vips, NetworkStep step)
    {
        var parsed = new List<VipAddress>(vips.Count);
        foreach (var vip in vips)
        {
            if (InterfaceAddress.TryParse(vip.Address, vip.Interface, out var address))
                parsed.Add(new(vip, address));
            else
                Fail(vip.Address, step, "is not an address with a prefix length; right would be 192.0.2.10/32");
        }

        return parsed;
    }

    public NetworkOutcome Build() =>
        _failures.Count == 0 && _warnings.Count == 0
            ? NetworkOutcome.Done
            : new(_failures.ToImmutable(), _warnings.ToImmutable()) { GateRefused = GateRefused };
}

/// <summary>A VIP as configured and as an address.</summary>
internal readonly record struct VipAddress(Vip Vip, InterfaceAddress Address);
