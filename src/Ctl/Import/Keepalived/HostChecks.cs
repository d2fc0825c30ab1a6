using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>What keepalived tracks, as checks of a group's hosts.</summary>
internal sealed class HostChecks(IReadOnlyDictionary<string, KeepalivedStatement> scripts, string scriptUser, ImportReport report)
{
    private static readonly string[] Known = ["script", "interval", "timeout", "rise", "fall", "user", "weight", "init_fail"];

    /// <summary>Of keepalived and of a group's checks, either way.</summary>
    private const int Heaviest = 253;

    /// <summary>Adds the checks of one block <c>track_script</c> or <c>track_interface</c> to a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="block">The block.</param>
    /// <param name="within">What the block belongs to, for the report.</param>
    /// <param name="own">The instance's own interfaces; null when the block stands in a sync group, where keepalived makes no difference.</param>
    internal void Add(ManifestMap group, KeepalivedStatement block, string within, OwnLinks? own = null)
    {
        foreach (var line in block.Block ?? [])
        {
            var at = new Origin(line.File, line.Line, $"{within} {block.Keyword}");
            var check = block.Keyword == "track_interface" ? Interface(line, at, own) : Script(line, at);
            if (check is null)
                continue;
            if (HasLink(group, check.TextOf("link")))
                report.Note(at, $"{line.Text}: {line.Keyword} is a check already, and the first one counts");
            else
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

    // As keepalived 2.2.7 was seen to take each of these.
    private ManifestMap? Interface(KeepalivedStatement line, Origin at, OwnLinks? own)
    {
        if (line.Words.Length > 1 && (line.Words[1] != "weight" || line.Words.Length == 2))
        {
            report.Lose(at, $"{line.Text}: keepalived ignores the line, since only 'weight NUMBER' may stand behind an interface; nothing tracks it");
            return null;
        }
        var isFault = own?.Has(line.Keyword) == true;
        if (own?.Primary == line.Keyword && !isFault)
        {
            report.Note(at, $"{line.Text}: keepalived ignores it beside dont_track_primary, since it is the instance's own interface; no check is written");
            return null;
        }
        var check = Link(line.Keyword, at);
        if (!isFault)
            _ = Weighed(check, line.Words, at);
        else if (line.Words.Length > 1)
            report.Note(at, $"{line.Text}: {(own!.Primary == line.Keyword ? "is the instance's own interface" : "carries an address or a route of the instance")}, "
                + "for which keepalived goes to FAULT whatever the weight: the check has none");
        return check;
    }

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
        if (!Weighed(check, line.Words, at) && values.TryGetValue("weight", out var weight))
            _ = Weighed(check, weight.Words, weight.At(script.Text));
        foreach (var other in (script.Block ?? []).Where(option => !Known.Contains(option.Keyword)))
            report.Lose(other.At(script.Text), $"{other.Text}: a check has nothing of that kind");
        return check;
    }

    /// <summary>Takes over the weight in a line. False when there is none that counts.</summary>
    private bool Weighed(ManifestMap check, ImmutableArray<string> words, Origin at)
    {
        var index = words.IndexOf("weight");
        if (index < 0)
            return false;
        var text = index + 1 < words.Length ? words[index + 1] : "";
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var weight) || weight is < -Heaviest or > Heaviest)
        {
            report.Lose(at, $"{string.Join(' ', words[index..])}: not a weight from -{Heaviest} to {Heaviest}; keepalived goes on as if it were not there");
            return false;
        }
        if (weight != 0)
            check.Word("weight", weight.ToString(CultureInfo.InvariantCulture), at);
        if (words.Contains("reverse"))
            check.Word("reverse", "true", at);
        return true;
    }

    private static string Seconds(string text) => $"{text}s";
}
