namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// The database could not do what was asked. The message is for the operator: which database, what happened, what to
/// check. It never holds a password. Expected outcomes (a lost compare-and-swap, a conflict) are values, not this.
/// </summary>
internal sealed class StorageException : Exception
{
    /// <summary>An error with operator text.</summary>
    public StorageException(string message, Exception? inner = null, bool outcomeUnknown = false)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>True when the commit had been sent: the write may or may not have happened, read back to know.
    /// False: nothing was written.</summary>
    public bool OutcomeUnknown { get; }
}
