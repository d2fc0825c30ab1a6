namespace HaGrpc.Core.Identity;

/// <summary>When a certificate is renewed.</summary>
public static class RenewalTime
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromHours(1);

    /// <summary>At two thirds of its life: a third is left for whatever goes wrong.</summary>
    public static DateTimeOffset DueAt(DateTimeOffset notBefore, DateTimeOffset notAfter) => notBefore + ((notAfter - notBefore) / 3 * 2);

    /// <summary>How long to wait after an attempt that failed: an hour at most, and the sooner the less is left.</summary>
    /// <param name="left">Until the certificate ends; negative when it has.</param>
    public static TimeSpan PauseAfterFailure(TimeSpan left)
    {
        var share = left / 20;
        return share < Shortest ? left > TimeSpan.Zero ? Shortest : Longest : share > Longest ? Longest : share;
    }
}
