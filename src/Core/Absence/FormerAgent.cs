namespace HaGrpc.Core.Absence;

/// <summary>What became of the agent that ran on this host before.</summary>
/// <param name="SameBoot">True: the machine has not been booted since.</param>
/// <param name="Ended">True: it ended by itself, as it was asked to.</param>
public sealed record FormerAgent(bool SameBoot, bool Ended)
{
    /// <summary>How the one that starts now came to start, for people.</summary>
    /// <param name="former">The one before; null when there is no trace of one.</param>
    public static string TellStart(FormerAgent? former) => former switch
    {
        null => "the agent started, the first one on this host",
        { SameBoot: true, Ended: true } => "the agent started again; the one before it had ended as it was asked to",
        { SameBoot: true } => "the agent started again; the one before it had ended unasked: it was killed, or crashed",
        { Ended: true } => "the agent started after a boot; the one before it had ended as it was asked to",
        _ => "the agent started after a boot that nobody announced to the one before it: reset, loss of power, panic, or a shutdown that killed it",
    };
}
