namespace HaGrpc.Shim;

/// <summary>Why a program ended.</summary>
internal enum EndCause
{
    /// <summary>It ended by itself.</summary>
    Own,

    /// <summary>It was asked to stop, and killed if that took too long.</summary>
    Stopped,

    /// <summary>The group's deadline passed.</summary>
    Deadline,

    /// <summary>It was to be killed at once.</summary>
    Killed,
}
