using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>Groups from keepalived's instances, and what becomes of everything else.</summary>
internal sealed class KeepalivedImport
{
    private readonly IReadOnlyList<KeepalivedStatement> _statements;
    private readonly ImportTarget _target;
    private readonly ImportReport _report;
    private readonly Dictionary<string, KeepalivedStatement> _scripts = new(StringComparer.Ordinal);
    private readonly List<(int Priority, ManifestMap Group)> _groups = [];

    private KeepalivedImport(IReadOnlyList<KeepalivedStatement> statements, ImportTarget target, ImportReport report) =>
        (_statements, _target, _report) = (statements, target, report);

    /// <summary>Reads configurations and adds their groups to a manifest, the one in which this host has the highest priority first.</summary>
    internal static void Run(IEnumerable<string> files, Supervisor.IConfigurationPlaces places, ImportTarget target, ImportedManifest manifest)
    {
        var reader = new KeepalivedReader(places, target.Host.Host.Split('.')[0], manifest.Report);
        foreach (var file in files)
            reader.Read(file);
        var import = new KeepalivedImport(reader.Statements, target, manifest.Report);
        import.Convert();
        manifest.Groups.AddRange(import._groups.OrderByDescending(made => made.Priority).Select(made => made.Group));
    }

    private void Convert()
    {
        foreach (var script in _statements.Where(statement => statement.Keyword == "vrrp_script"))
            _scripts[script.Value] = script;
        var global = _statements.Where(statement => statement.Keyword == "global_defs").SelectMany(block => block.Block ?? []).ToArray();
        var last = global.GroupBy(option => option.Keyword, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last(), StringComparer.Ordinal);
        var scriptUser = last.GetValueOrDefault("script_user")?.Value ?? "";
        var checks = new HostChecks(_scripts, scriptUser, _report);
        foreach (var instance in _statements.Where(statement => statement.Keyword == "vrrp_instance"))
        {
            var conversion = new InstanceConversion(instance, _target, checks, last, _report);
            _groups.Add((conversion.Priority, conversion.Convert()));
        }
        foreach (var sync in _statements.Where(statement => statement.Keyword == "vrrp_sync_group"))
            new SyncGroups([.. _groups.Select(made => made.Group)], scriptUser, checks, _report).Apply(sync);
        foreach (var option in global)
            GlobalOption(option);
        foreach (var script in _scripts.Values.Where(script => !IsTracked(script.Value)))
            _report.Note(script.At(), $"{script.Value}: nothing tracks it");
        foreach (var statement in _statements)
            Other(statement);
    }

    private bool IsTracked(string script) => _statements
        .SelectMany(statement => statement.Block ?? [])
        .Where(block => block.Keyword == "track_script")
        .SelectMany(block => block.Block ?? [])
        .Any(line => line.Keyword == script);

    private void GlobalOption(KeepalivedStatement option)
    {
        var at = option.At("global_defs");
        switch (option.Keyword)
        {
            case "script_user":
                if (option.Words.Length > 2)
                    _report.Lose(at, $"{option.Words[2]}: a hook has the groups of its user");
                break;
            case "vrrp_garp_master_refresh":
                _report.Note(at, $"{option.Rest}: is the announce_interval of each group whose instance says no garp_master_refresh");
                break;
            case "router_id":
                _report.Note(at, $"{option.Rest}: a host is called what its agent calls itself (--host)");
                break;
            case "enable_script_security":
                _report.Note(at, "hooks have no shell and run as the user that they name; see that only root can change scripts that run as root");
                break;
            case "notification_email" or "notification_email_from":
            case var smtp when smtp.StartsWith("smtp_", StringComparison.Ordinal):
                _report.Lose(at, $"{Shown(option)}no mail is sent: a hook can send one, 'hactl events --follow' tells everything");
                break;
            case var vrrp when vrrp.StartsWith("vrrp_", StringComparison.Ordinal):
                _report.Note(at, $"{Shown(option)}is about keepalived itself and VRRP's packets, which there are none of");
                break;
            default:
                _report.Lose(at, $"{Shown(option)}is a setting of keepalived that has nothing like it here");
                break;
        }
    }

    private void Other(KeepalivedStatement statement)
    {
        switch (statement.Keyword)
        {
            case "vrrp_instance" or "vrrp_script" or "vrrp_sync_group" or "global_defs":
                break;
            case "virtual_server" or "virtual_server_group" or "real_server":
                _report.Lose(statement.At(),
                    $"{Shown(statement)}no load balancing here: leave it to keepalived or ipvsadm, without its vrrp_instance");
                break;
            case "static_ipaddress" or "static_routes" or "static_rules":
                _report.Lose(statement.At(), $"{Lines(statement)}: belongs to the host, owner or not: configure it with the network");
                break;
            default:
                _report.Lose(statement.At(), $"{Shown(statement)}has nothing like it here");
                break;
        }
    }

    private static string Lines(KeepalivedStatement block) => string.Join("; ", (block.Block ?? []).Select(line => line.Text));

    private static string Shown(KeepalivedStatement option)
    {
        var text = option.Block is null ? option.Rest : $"{option.Rest} {Lines(option)}".Trim();
        return text.Length > 0 ? $"{text}: " : "";
    }
}
