using HaGrpc.Core.Supervision;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>keepalived's notify scripts as hooks: they run unchanged (docs/reference/manifest.md, "From keepalived").</summary>
internal static class NotifyHooks
{
    /// <summary>Scripts had no end there. Here each has one, and a hook that hangs keeps those behind it from running.</summary>
    private const string Timeout = "5m";

    /// <summary>The state words, with the events that stand for them here.</summary>
    private static readonly Dictionary<string, string> States = new(StringComparer.Ordinal)
    {
        ["notify_master"] = "promote",
        ["notify_backup"] = "demote",
        ["notify_fault"] = "fault",
        ["notify_stop"] = "stop",
    };

    /// <summary>True for a keyword that becomes a hook.</summary>
    internal static bool IsOne(string keyword) => keyword == "notify" || States.ContainsKey(keyword);

    /// <param name="statement">The statement.</param>
    /// <param name="user">keepalived's <c>script_user</c>; empty for none.</param>
    /// <param name="at">Where.</param>
    /// <param name="report">Is told what has changed.</param>
    internal static ManifestMap Read(KeepalivedStatement statement, string user, Origin at, ImportReport report)
    {
        var hook = new ManifestMap(at) { IsShort = true }.Text("name", statement.Keyword);
        if (States.TryGetValue(statement.Keyword, out var state))
            hook.Word("events", state).Word("style", "keepalived_state");
        else
            hook.Add("events", new ScalarsValue([.. States.Values.Select(word => new WordValue(word))])).Word("style", "keepalived");
        hook.Add("command", Command(statement.Value), at);
        hook.Word("timeout", Timeout);
        if ((statement.Words.Length > 2 ? statement.Words[2] : user) is { Length: > 0 } runAs)
            hook.Text("user", runAs);
        if (statement.Words.Length > 3)
            report.Lose(at, $"{statement.Words[3]}: a hook has the groups of its user");
        report.Note(at,
            $"{statement.Value}: runs as a hook and is killed after {Timeout}. A script that starts and stops programs through supervisord " +
            "is not needed any more: leave the hook out, the group does it");
        return hook;
    }

    private static ManifestValue Command(string text) => CommandLine.TrySplit(text, out var words, out _) && words.Length > 1
        ? new ScalarsValue([.. words.Select(word => new TextValue(word))])
        : new TextValue(text);
}
