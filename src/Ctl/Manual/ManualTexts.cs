namespace HaGrpc.Ctl.Manual;

/// <summary>What the manual says besides what commands say of themselves.</summary>
internal static class ManualTexts
{
    /// <summary>Exit codes and what they mean.</summary>
    internal static readonly (int Code, string Meaning)[] ExitCodes =
    [
        (ExitCode.Done, "done; status: everything that matched is up"),
        (ExitCode.Refused, "refused by the control plane, or there is no such thing; diff: something would change; rehearse: something fails"),
        (ExitCode.BadInput, "a wrong command line or manifest, nothing was done; start and restart: no such group"),
        (ExitCode.NotUp, "status: something that matched is STOPPED, EXITED, FATAL or UNKNOWN; import: something was not carried over"),
        (ExitCode.StatusUnknown, "status: an unknown name, or no connection"),
        (ExitCode.NotRunning, "no connection, or the control plane cannot do it now; a program did not come up or go down in time"),
        (ExitCode.Interrupted, "interrupted by Ctrl-C"),
    ];

    /// <summary>Variables of the environment that count.</summary>
    internal static readonly (string Name, string Meaning)[] Variables =
    [
        ("HACTL_ENDPOINT", "URLs of the control planes, where neither --endpoint nor --context says others"),
        ("HACTL_CONTEXT", "the context that counts, where --context says no other"),
        ("HACTL_CONFIG", "the file of contexts, in place of ~/.config/hagrpc/config"),
        ("HACTL_TOKEN", "the operator's token, in place of the context's"),
        ("NO_COLOR", "with any text in it: no colours"),
        ("LC_ALL, LC_MESSAGES, LANG", "the language of messages: Chinese for zh, else English; --lang says another"),
        ("XDG_STATE_HOME", "where the interactive shell keeps its history, in hagrpc/history; else ~/.local/state"),
    ];
}
