using System.Globalization;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>What keepalived tracks, as checks of a group's hosts.</summary>
internal sealed class HostChecks(IReadOnlyDictionary<string, KeepalivedStatement> scripts, string scriptUser, ImportReport report)
{
    private static readonly string[] Known = ["script", "interval", "timeout", "rise", "fall", "user", "weight", "init_fail"];

    /// <summary>Adds the checks of one block <c>track_script</c> or <c>track_interface</c> to a group.</summary>
    internal void Add(ManifestMap group, KeepalivedStatement block, string within)
    {
        foreach (var line in block.Block ?? [])
        {
            var at = new Origin(line.File, line.Line, $"{within} {block.Keyword}");
            var check = block.Keyword == "track_interface" ? Link(line.Keyword, at) : Script(line, at);
            if (check is null)
                continue;
            if (HasLink(group, check.TextOf("link")))
            {
                report.Note(at, $"{line.Keyword}: is a check already");
                continue;
            }
            Weight(check, line, at);
            group.Items("checks").Add(check);
        }
    }

    /// <summary>Adds what keepalived tracks without being told to: it goes to FAULT when an interface of the instance is down.</summary>
    internal void AddOwn(ManifestMap group, string name, Origin at)
    {
        if (name is "" or "lo" || HasLink(group, name))
            return;
        group.Items("checks").Add(Link(name, at));
        report.Note(at, $"{name}: keepalived goes to FAULT when it is down, also without track_interface: the check link-{name} says so here");
    }

    private static bool HasLink(ManifestMap group, string name) =>
        name.Length > 0 && group.Find("checks")?.Value is MapsValue checks && checks.Items.Exists(check => check.TextOf("link") == name);

    private static ManifestMap Link(string name, Origin at) =>
        new ManifestMap(at) { IsShort = true }.Text("name", $"link-{name}").Text("link", name);

    private ManifestMap? Script(KeepalivedStatement line, Origin at)
    {
        // Old configurations have the command itself in quotes.
        if (!scripts.TryGetValue(line.Keyword, out var script))
        {
            report.Lose(at, $"{line.Keyword}: no such vrrp_script");
            return null;
        }
        var check = new ManifestMap(script.At()) { IsShort = true }.Text("name", ObjectName.Of(line.Keyword, at, report));
        var values = script.Last();
        check.Text("exec", values.TryGetValue("script", out var command) ? command.Value : "", command?.At(script.Text));
        check.Word("interval", Seconds(values.GetValueOrDefault("interval")?.Value ?? "1"));
        if (values.TryGetValue("timeout", out var timeout))
            check.Word("timeout", Seconds(timeout.Value));
        foreach (var field in (string[])["rise", "fall"])
            check.Word(field, values.GetValueOrDefault(field)?.Value ?? "1");
        if (values.TryGetValue("user", out var user))
            check.Text("user", user.Value);
        else if (scriptUser.Length > 0)
            check.Text("user", scriptUser);
        if (values.ContainsKey("init_fail"))
            check.Word("init_fail", "true");
        if (values.TryGetValue("weight", out var weight) && !line.Words.Contains("weight"))
            SetWeight(check, weight.Words, weight.At(script.Text));
        foreach (var other in (script.Block ?? []).Where(option => !Known.Contains(option.Keyword)))
            report.Lose(other.At(script.Text), $"{other.Text}: a check has nothing of that kind");
        return check;
    }

    private void Weight(ManifestMap check, KeepalivedStatement line, Origin at)
    {
        var index = line.Words.IndexOf("weight");
        if (index >= 0 && index + 1 < line.Words.Length)
            SetWeight(check, line.Words[index..], at);
    }

    private void SetWeight(ManifestMap check, IReadOnlyList<string> words, Origin at)
    {
        if (words.Count > 1 && int.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var weight))
        {
            if (weight != 0)
                check.Word("weight", weight.ToString(CultureInfo.InvariantCulture), at);
        }
        else
        {
            report.Lose(at, $"{string.Join(' ', words)}: not a weight");
        }
        if (words.Contains("reverse"))
            check.Word("reverse", "true", at);
    }

    private static string Seconds(string text) => $"{text}s";
}
