using System.Globalization;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// A member's priority together with what its checks add to it: the effective priority of keepalived.conf(5). By that page weights are added to
/// the priority of an instance, the result is limited to 1 to 254, and a priority that is configured as 255, the address owner's, is neither
/// reduced nor reached by them (its paragraphs on track_file, track_process and <c>priority</c>).
/// </summary>
/// <param name="Configured">1 to 255, as registered.</param>
/// <param name="Weight">The sum of what the host says; 0 while it has said nothing.</param>
public readonly record struct Standing(int Configured, int Weight)
{
    private const int AddressOwner = 255;

    /// <summary>What decides: 1 to 254, or 255 for a member that was registered so.</summary>
    public int Effective => Configured == AddressOwner ? AddressOwner : Math.Clamp(Configured + Weight, 1, AddressOwner - 1);

    /// <summary>True when checks make a difference.</summary>
    public bool IsWeighed => Effective != Configured;

    /// <summary>For people: <c>100</c>, or <c>90 (100 - 10 by its checks)</c>.</summary>
    public override string ToString() => IsWeighed
        ? string.Create(CultureInfo.InvariantCulture, $"{Effective} ({Configured} {(Weight < 0 ? '-' : '+')} {Math.Abs(Weight)} by its checks)")
        : Configured.ToString(CultureInfo.InvariantCulture);
}
