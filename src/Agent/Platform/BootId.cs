namespace HaGrpc.Agent.Platform;

/// <summary>The running boot: instants, process ids and addresses mean nothing in another.</summary>
internal static class BootId
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    /// <summary>Reads it (random(4)).</summary>
    /// <exception cref="IOException">/proc is not mounted.</exception>
    public static Guid Read() => Guid.Parse(File.ReadAllText(Source).Trim());
}
