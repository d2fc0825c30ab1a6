namespace HaGrpc.Ctl;

/// <summary>Exit codes; those of status, start, stop and restart are supervisorctl's (docs/reference/hactl.md).</summary>
internal static class ExitCode
{
    /// <summary>Done; for status: everything that matched is up.</summary>
    internal const int Done = 0;

    /// <summary>The control plane refused, or a program does not exist.</summary>
    internal const int Refused = 1;

    /// <summary>Bad input: usage, manifest, or a group that does not exist (start, restart).</summary>
    internal const int BadInput = 2;

    /// <summary>status: something that matched is STOPPED, EXITED, FATAL or UNKNOWN.</summary>
    internal const int NotUp = 3;

    /// <summary>import: the manifest is there, but something was not carried over.</summary>
    internal const int NotAllCarriedOver = 3;

    /// <summary>status: unknown name, or no connection.</summary>
    internal const int StatusUnknown = 4;

    /// <summary>No connection (all but status); a program did not come up or go down.</summary>
    internal const int NotRunning = 7;

    /// <summary>Interrupted by Ctrl-C, as shells count it.</summary>
    internal const int Interrupted = 130;
}
