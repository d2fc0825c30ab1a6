using System.Globalization;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>Makes a group of a <c>vrrp_instance</c>.</summary>
internal sealed class InstanceConversion
{
    private const string Authentication = "is not needed: agents and control plane know each other by certificates (--tls-cert), or by their addresses";
    private const double FastBelow = 0.5, CalmFrom = 3;

    private static readonly string[] Converted =
    [
        "interface", "priority", "advert_int", "nopreempt", "preempt", "preempt_delay", "virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_routes",
    ];

    /// <summary>Options about VRRP's packets: who sends them to whom, and which are believed.</summary>
    private static readonly string[] OfPackets =
    [
        "virtual_router_id", "version", "vrrp_version", "mcast_src_ip", "mcast_dst_ip", "unicast_src_ip", "unicast_peer", "unicast_fault_no_peer",
        "unicast_ttl", "native_ipv6", "old_unicast_checksum", "strict_mode", "skip_check_adv_addr", "check_unicast_src", "down_timer_adverts",
        "higher_prio_send_advert", "lower_prio_no_advert", "rfc_compliant", "thread_timer_expire", "track_src_ip", "accept",
        "debug", "kernel_rx_buf_size",
    ];

    /// <summary>Options of which keepalived reads one word, and nothing behind it.</summary>
    private static readonly string[] OfOneWord = ["interface", "priority", "advert_int", "preempt_delay", "garp_master_refresh", "state"];

    private readonly KeepalivedStatement _instance;
    private readonly ImportTarget _target;
    private readonly HostChecks _checks;
    private readonly IReadOnlyDictionary<string, KeepalivedStatement> _global;
    private readonly string _scriptUser;
    private readonly ImportReport _report;
    private readonly ManifestMap _group;
    private readonly Dictionary<string, KeepalivedStatement> _last;
    private readonly string _within;
    private readonly OwnLinks _links;

    /// <param name="instance">The instance.</param>
    /// <param name="target">Its hosts.</param>
    /// <param name="checks">What it can track.</param>
    /// <param name="global">The last of each option of <c>global_defs</c>.</param>
    /// <param name="report">Takes what is not carried over.</param>
    internal InstanceConversion(
        KeepalivedStatement instance, ImportTarget target, HostChecks checks, IReadOnlyDictionary<string, KeepalivedStatement> global, ImportReport report)
    {
        (_instance, _target, _checks, _global, _report) = (instance, target, checks, global, report);
        _scriptUser = global.TryGetValue("script_user", out var user) ? user.Value : "";
        _within = instance.Text;
        _group = new(new(instance.File, instance.Line, _within));
        _last = instance.Last();
        _links = new(instance, _within);
    }

    private IReadOnlyList<KeepalivedStatement> Options => _instance.Block ?? [];

    /// <summary>This host's priority; keepalived's default is 100.</summary>
    internal int Priority =>
        int.TryParse(_last.GetValueOrDefault("priority")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 100;

    internal ManifestMap Convert()
    {
        _group.Comments.AddRange(_instance.Comments);
        _group.Text("name", ObjectName.Of(_instance.Value, _group.Origin, _report));
        _group.Fields.Add(_target.Members(_last.GetValueOrDefault("priority")?.At(_within) ?? _group.Origin, Priority, _report));
        Addresses();
        Timing();
        Failback();
        foreach (var hook in Options.Where(option => NotifyHooks.IsOne(option.Keyword) && option == _last[option.Keyword]))
            _group.Items("hooks").Add(NotifyHooks.Read(hook, _scriptUser, hook.At(_within), _report));
        foreach (var option in Options)
            Report(option);
        Announcements();
        foreach (var (name, at) in _links.Tracked)
            _checks.AddOwn(_group, name, at);
        return _group;
    }

    private void Announcements()
    {
        if (!_last.TryGetValue("garp_master_refresh", out var option) && !_global.TryGetValue("vrrp_garp_master_refresh", out option))
            return;
        if (option.Value != "0")
            _group.Word("announce_interval", $"{option.Value}s", option.At(_within));
    }

    private void Addresses()
    {
        var dev = _last.GetValueOrDefault("interface")?.Value ?? "";
        foreach (var block in Options.Where(option => option.Keyword is "virtual_ipaddress" or "virtual_ipaddress_excluded"))
        {
            foreach (var line in block.Block ?? [])
                AddVip(AddressLine.Read(line, dev, new(line.File, line.Line, $"{_within} {block.Keyword}"), _report));
        }
        foreach (var line in Options.Where(option => option.Keyword == "virtual_routes").SelectMany(block => block.Block ?? []))
        {
            if (RouteLine.Read(line, dev, new(line.File, line.Line, $"{_within} virtual_routes"), _report) is { } route)
                _group.Items("routes").Add(route);
        }
    }

    private void AddVip(ManifestMap vip)
    {
        var same = _group.Items("vips").Find(other => other.TextOf("address") == vip.TextOf("address"));
        if (same is null)
            _group.Items("vips").Add(vip);
        else
            _report.Lose(vip.Origin, $"{vip.TextOf("address")}: is there already, from line {same.Origin.Line}");
    }

    private void Timing()
    {
        var option = _last.GetValueOrDefault("advert_int");
        if (!double.TryParse(option?.Value ?? "1", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var interval))
        {
            _report.Lose(option!.At(_within), $"{option.Value}: not a number of seconds; timing: default is taken");
            return;
        }
        var profile = interval < FastBelow ? "fast" : interval >= CalmFrom ? "calm" : "default";
        if (profile != "default")
            _group.Word("timing", profile, option!.At(_within));
        if (option is not null)
        {
            var before = (3 * interval) + ((256 - Priority) / 256.0 * interval);
            var after = profile switch { "fast" => "0.5 s", "calm" => "6 s", _ => "1.7 s" };
            _report.Note(option.At(_within), string.Create(CultureInfo.InvariantCulture,
                $"a host that is lost was replaced after {before:0.##} s; with timing: {profile} it is after about {after}"));
        }
    }

    private void Failback()
    {
        var isMaster = _last.GetValueOrDefault("state")?.Value == "MASTER";
        var manual = _last.GetValueOrDefault("nopreempt");
        if (manual is not null && !isMaster)
        {
            _group.Word("failback", "manual", manual.At(_within));
            return;
        }
        if (manual is not null)
            _report.Note(manual.At(_within), "keepalived ignores it beside 'state MASTER': failback is automatic");
        var delay = _last.GetValueOrDefault("preempt_delay");
        if (delay is null)
        {
            _group.Word("failback", "automatic", _last.GetValueOrDefault("state")?.At(_within));
            return;
        }
        var at = delay.At(_within);
        _group.Add("failback", new MapValue(new ManifestMap(at).Word("mode", "automatic").Word("delay", $"{delay.Value}s")), at);
    }

    /// <summary>What is not said elsewhere about an option.</summary>
    private void Report(KeepalivedStatement option)
    {
        var at = option.At(_within);
        if (OfOneWord.Contains(option.Keyword) && option.Words.Length > 2)
            _report.Lose(at, $"{string.Join(' ', option.Words.Skip(2))}: stands behind the one value of {option.Keyword}, and is not read");
        switch (option.Keyword)
        {
            case var keyword when option != _last[keyword] && option.Block is null:
                _report.Note(at, $"{option.Rest}: line {_last[keyword].Line} says {_last[keyword].Rest}, and the last one counts");
                break;
            case var keyword when Converted.Contains(keyword) || NotifyHooks.IsOne(keyword):
                break;
            case "track_script" or "track_interface":
                _checks.Add(_group, option, _within, _links);
                break;
            case "garp_master_refresh":
                break;
            case "dont_track_primary":
                _report.Note(at, "no check is written for its interface; a group does not look at it by itself");
                break;
            case "state":
                _report.Note(at, "who begins is the live member with the highest priority");
                break;
            case var keyword when OfPackets.Contains(keyword):
                _report.Note(at, "is about VRRP's packets, which there are none of: hosts know each other by their names");
                break;
            case "authentication":
                _report.Note(at, Authentication);
                break;
            case var keyword when keyword.StartsWith("garp_", StringComparison.Ordinal) || keyword.StartsWith("gna_", StringComparison.Ordinal):
                _report.Note(at,
                    $"{Shown(option)}the owner announces its addresses when it takes over, when something touches them, and every announce_interval");
                break;
            case "use_vmac" or "vmac_xmit_base" or "vmac_addr" or "use_ipvlan" or "vmac_garp_intvl":
                _report.Lose(at, "a VIP has its interface's own hardware address; clients learn of a change by gratuitous ARP");
                break;
            case "smtp_alert" or "notify_fifo" or "notify_fifo_script":
                _report.Lose(at, $"{Shown(option)}no mail and no pipe: a hook can send one, 'hactl events --follow' tells everything");
                break;
            case "notify_deleted" or "notify_master_rx_lower_pri" or "notify_priority_changes":
                _report.Lose(at, $"{Shown(option)}there is no such occasion for a hook");
                break;
            case "virtual_rules":
                foreach (var rule in option.Block ?? [])
                    _report.Lose(new(rule.File, rule.Line, at.Option), $"{rule.Text}: a group has no rules of routing; add it in a hook");
                break;
            case "track_file" or "track_process" or "track_bfd":
                foreach (var tracked in option.Block ?? [])
                    _report.Lose(new(tracked.File, tracked.Line, at.Option), $"{tracked.Text}: is not watched");
                break;
            default:
                _report.Lose(at, $"{Shown(option)}a group has nothing of that kind");
                break;
        }
    }

    private static string Shown(KeepalivedStatement option) => option.Rest.Length > 0 ? $"{option.Rest}: " : "";
}
