using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>Instances that keepalived moves together.</summary>
internal sealed class SyncGroups(IReadOnlyList<ManifestMap> groups, string scriptUser, HostChecks checks, ImportReport report)
{
    internal void Apply(KeepalivedStatement sync)
    {
        var members = new List<ManifestMap>();
        // Its members stand in a block of their own, on lines or on one.
        foreach (var line in (sync.Block ?? []).Where(option => option.Keyword == "group").SelectMany(block => block.Block ?? []))
        {
            foreach (var name in line.Words)
            {
                if (groups.FirstOrDefault(group => group.TextOf("name") == name) is { } member)
                    members.Add(member);
                else
                    report.Lose(new(line.File, line.Line, sync.Text), $"{name}: no such vrrp_instance");
            }
        }
        Name(sync, members);
        foreach (var option in (sync.Block ?? []).Where(option => option.Keyword != "group"))
            Option(sync, option, members);
    }

    private void Name(KeepalivedStatement sync, List<ManifestMap> members)
    {
        var at = sync.At();
        if (members.Count == 0)
            return;
        var name = ObjectName.Of(sync.Value, at, report);
        foreach (var member in members)
            member.Text("sync_group", name, at);
    }

    private void Option(KeepalivedStatement sync, KeepalivedStatement option, List<ManifestMap> members)
    {
        var at = option.At(sync.Text);
        switch (option.Keyword)
        {
            case "notify":
                report.Lose(at,
                    $"{option.Rest}: it was called with GROUP and {sync.Value}; there is no such call: give it to the groups themselves");
                break;
            case var keyword when NotifyHooks.IsOne(keyword) && members is [var first, ..] && !HasHook(first, keyword):
                first.Items("hooks").Add(NotifyHooks.Read(option, scriptUser, at, report));
                report.Note(at, $"is a hook of {first.TextOf("name")}, the first of the groups that moved together");
                break;
            case var keyword when NotifyHooks.IsOne(keyword):
                report.Lose(at, $"{option.Rest}: the first of its groups has a script for that already");
                break;
            case "track_script" or "track_interface":
                foreach (var member in members)
                    checks.Add(member, option, sync.Text);
                break;
            case "global_tracking" or "sync_group_tracking_weight":
                report.Note(at, "each group is tracked by what it names itself");
                break;
            default:
                report.Lose(at, $"{(option.Rest.Length > 0 ? $"{option.Rest}: " : "")}nothing of that kind here");
                break;
        }
    }

    private static bool HasHook(ManifestMap group, string name) =>
        group.Find("hooks")?.Value is MapsValue hooks && hooks.Items.Exists(hook => hook.TextOf("name") == name);
}
