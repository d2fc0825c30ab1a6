using System.Globalization;
using HaGrpc.Core.Access;

namespace HaGrpc.Core.Identity;

/// <summary>Who let nobody speak for a host any more.</summary>
/// <param name="By">As stored.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in their words; may be empty.</param>
public sealed record HostRevocation(string By, DateTimeOffset At, string Reason)
{
    /// <summary><c>by eve since 2026-03-01 12:00:00 UTC (stolen)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"by {ActorName.Shown(By)} since {At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(Reason.Length > 0 ? $" ({Reason})" : "")}");
}
