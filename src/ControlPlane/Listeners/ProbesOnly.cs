namespace HaGrpc.ControlPlane.Listeners;

/// <summary>Marks connections of a listener where callers are not asked for the certificate that the other one asks for, or which others may reach while
/// the other one is this machine's own.</summary>
internal sealed class ProbesOnly
{
    /// <summary>It says nothing more.</summary>
    public static ProbesOnly Mark { get; } = new();
}
