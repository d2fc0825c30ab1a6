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

    /// <summary>Files that hactl has.</summary>
    internal static readonly (string Name, string Meaning)[] Files =
    [
        ("~/.config/hagrpc/config", "contexts, with their tokens: 0600, or it is refused; XDG_CONFIG_HOME moves it"),
        ("~/.local/state/hagrpc/history", "what was typed in the interactive shell: 0600"),
    ];

    /// <summary>What has to be known before any command is used.</summary>
    internal static readonly string[] Paragraphs =
    [
        "Programs are named as group:program. A group alone, or group:*, is all of its programs, and all is every program; * and ? are patterns in both halves, in quotes, or the shell takes them for files.",
        "What is dangerous shows first what it hits, and wants to be confirmed: typed on a terminal, or with --yes and the name of what it hits. The control plane demands it, not hactl.",
        "Lines of start, stop, restart and status, and their exit codes, are those of supervisorctl. Tables may get more columns with any version: scripts use --output json.",
    ];

    // By the words of the command; a test parses each.
    private static readonly (string Command, string Line, string Meaning)[] Examples =
    [
        ("hactl apply", "hactl apply -f fleet/ --dry-run", "what would change and what would be restarted"),
        ("hactl apply", "hactl apply -f fleet/ --prune", "register what the folder says, and delete what it does not name"),
        ("hactl diff", "git show HEAD:web.yaml | hactl diff -f -", "how what is registered differs from the last commit"),
        ("hactl export", "hactl export web > web.yaml", "a group with its hosts and programs, as a manifest"),
        ("hactl program add", "hactl program add worker --group web --command '/opt/web/worker --queue mail'", "a program without a manifest"),
        ("hactl program set", "hactl program set web:worker priority=200 environment.MODE=production", "two fields; the others stay"),
        ("hactl program update", "hactl program update web:http --to /opt/web/releases/1.2.4 --rolling 1", "a new release, one process after the other"),
        ("hactl rollback", "hactl rollback 41 --dry-run", "what would change if revision 41 came back"),
        ("hactl status", "hactl status 'web:*' --watch", "the programs of a group, shown again whenever something happens"),
        ("hactl status", "hactl status -o wide", "with pids, exit codes and commands"),
        ("hactl stop", "hactl stop web --yes web --reason 'disk is replaced'", "a whole group, from a script"),
        ("hactl switchover", "hactl switchover web --to host-b --reason maintenance", "a group to a host, planned"),
        ("hactl drain", "hactl drain host-a --reason 'kernel update'", "all groups away, and none to it until undrain"),
        ("hactl lock", "hactl lock --all --for 2h --reason 'network works'", "nothing moves by itself for two hours"),
        ("hactl events", "hactl events -f --group web", "what happens to a group, as it happens"),
        ("hactl audit list", "hactl audit list --since 2h --object group/web", "who did what to a group"),
        ("hactl token create", "hactl token create --host host-c | ssh host-c sudo sh", "let a host join"),
        ("hactl import host", "hactl import host ./etc-of-a --peer host-b --out fleet.yaml", "a manifest of what keepalived and Supervisor ran"),
        ("hactl completion", "source <(hactl completion bash)", "for this shell; into its start file for every one"),
    ];

    /// <summary>How many there are.</summary>
    internal static int ExampleCount => Examples.Length;

    /// <summary>Examples of a command.</summary>
    internal static IEnumerable<(string Line, string Meaning)> ExamplesOf(CommandPage page) =>
        Examples.Where(e => e.Command == page.Path).Select(e => (e.Line, e.Meaning));
}
