using HaGrpc.Ctl.Import.Emitting;
using HaGrpc.Ctl.Import.Keepalived;
using HaGrpc.Ctl.Import.ProgramIni;
using HaGrpc.Ctl.Import.Supervisor;

namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>
/// The whole of a host that ran keepalived and Supervisor, with the scripts and lists between them: its addresses and its own programs become one
/// group, and the programs that it kept for its peer (copies of the peer's configuration, started here when the peer was lost) another one.
/// </summary>
internal sealed class HostImport
{
    private const string PeersDirectory = "G_Move_conf.d";
    private const string PeerSetting = "G_MOVE_IP", PeersDirectorySetting = "G_MOVE_SUP_BAK_PATH";

    private readonly string _root;
    private readonly HostPlaces _places;
    private readonly HostFiles _files;
    private readonly ImportedManifest _manifest;

    private HostImport(string root, ImportedManifest manifest) =>
        (_root, _places, _manifest, _files) = (root, new(root), manifest, HostFiles.Of(root, manifest.Report));

    private ImportReport Report => _manifest.Report;

    /// <summary>Imports the copy of a host.</summary>
    /// <returns>The target, with the peer that the configuration names when the operator named none.</returns>
    internal static ImportTarget Run(string root, ImportTarget target, ImportedManifest manifest)
    {
        var import = new HostImport(root, manifest);
        var known = import.WithPeer(target);
        KeepalivedImport.Run(import._files.Keepalived, import._places, known, manifest);
        import.Programs(known);
        import.Cards(known);
        import.Sync(known);
        import.Rest();
        return known;
    }

    private ImportTarget WithPeer(ImportTarget target)
    {
        if (target.Peers.Count > 0)
            return target;
        foreach (var (_, settings) in _files.Scripts)
        {
            // The sync lists say a name of their own, or several.
            if (settings.Find(PeerSetting) is not { } peer || !System.Net.IPAddress.TryParse(peer.Value, out _))
                continue;
            Report.Note(peer.Origin, $"the other host is called by its address, {peer.Value}; --peer NAME says what its agent calls itself");
            return target with { Peers = [new(peer.Value, null)] };
        }
        return target;
    }

    private void Programs(ImportTarget target)
    {
        var files = new SupervisorFiles(_places, target, Report);
        foreach (var file in _files.Supervisor)
            files.Read(file, IsPeers);
        if (_files.Supervisor.Count == 0)
            Loose(files);
        foreach (var section in files.Ini.Sections)
            OtherSections.Report(section, Report);
        var defaults = SupervisordDefaults.Of(files.Ini.Find("supervisord"), target, Report);
        Place(files.Ini.Sections, defaults, target);
        PeersPrograms(files, defaults, target);
    }

    // Without a main file whatever looks like programs is taken.
    private void Loose(SupervisorFiles files)
    {
        var loose = _files.Others.Where(file => Path.GetExtension(file) == ".conf" && file.Contains("supervisor", StringComparison.Ordinal));
        foreach (var file in loose.ToArray())
        {
            if (IsPeers(file))
                files.Others.Add(file);
            else
                files.Read(file);
        }
    }

    /// <summary>This host's own programs go where its addresses go; without addresses into a group of their own.</summary>
    private void Place(IReadOnlyList<IniSection> sections, SupervisordDefaults defaults, ImportTarget target)
    {
        if (_manifest.Groups is [var own, ..])
        {
            var group = own.TextOf("name");
            if (sections.Any(section => section.Name.StartsWith("program:", StringComparison.Ordinal)))
                Report.Note(own.Origin, $"this host's programs are in its group: {group}:PROGRAM in commands");
            new SupervisorImport(sections, defaults, target with { Group = group }, Report).AddTo(own);
            return;
        }
        _manifest.Groups.AddRange(new SupervisorImport(sections, defaults, target, Report).Groups());
    }

    private void PeersPrograms(SupervisorFiles files, SupervisordDefaults defaults, ImportTarget target)
    {
        var ini = new IniReader(Report);
        foreach (var file in files.Others.Distinct(StringComparer.Ordinal))
        {
            if (LegacyText.TryRead(file, out var text, out var problem))
                ini.Read(file, text, _places.DirectoryOf(file));
            else
                Report.Lose(new(file, 0, ""), problem);
        }
        if (ini.Sections.Count == 0)
            return;
        var own = _manifest.Groups.FirstOrDefault();
        var at = new Origin(Path.GetDirectoryName(files.Others[0]) ?? _root, 0, "");
        var peer = target.Peers.Count > 0 ? target.Peers[0].Host : null;
        if (_manifest.Groups is [_, .., var least])
        {
            Report.Note(at, $"the peer's programs are in {least.TextOf("name")}, the instance in which this host is preferred least");
            new SupervisorImport(ini.Sections, defaults, target with { Group = least.TextOf("name") }, Report).AddTo(least);
        }
        else
        {
            var name = ObjectName.Of(peer is null ? "programs-of-peer" : $"programs-of-{peer}", at, Report);
            Report.Lose(at, $"the addresses of the peer, with which its programs go, stand in its own keepalived.conf: put them into group {name}");
            _manifest.Groups.AddRange(new SupervisorImport(ini.Sections, defaults, target.Mirrored() with { Group = name }, Report).Groups());
        }
        Twice(own, ini.Sections);
    }

    /// <summary>Supervisor knew one program of a name; two groups on one host are two.</summary>
    private void Twice(ManifestMap? own, IReadOnlyList<IniSection> peers)
    {
        if (own?.Find("programs")?.Value is not MapsValue { Items: var programs })
            return;
        foreach (var section in peers)
        {
            if (programs.Find(program => section.Name == $"program:{program.TextOf("name")}") is { } same)
            {
                Report.Lose(section.Origin,
                    $"stands also at {same.Origin.File}:{same.Origin.Line}. Supervisor would run one of them; here each group runs its " +
                    "own, both on one host after a failover: see that they do not want the same port or files, or take one out and give the other run_on: all");
            }
        }
    }

    private bool IsPeers(string file)
    {
        var directory = Path.GetFileName(Path.GetDirectoryName(file)) ?? "";
        return directory == PeersDirectory || _files.Scripts.Any(script =>
            script.Settings.Find(PeersDirectorySetting) is { } setting && Path.GetFileName(setting.Value.TrimEnd('/')) == directory);
    }

    private void Cards(ImportTarget target)
    {
        foreach (var file in _files.Cards)
        {
            var cards = new ImportedManifest();
            if (CardImport.Read(file, Report) is not { } program)
                continue;
            if (_manifest.Groups is [var own, ..])
            {
                own.Items("programs").Add(program);
                continue;
            }
            CardImport.Run([file], target, cards);
            _manifest.Groups.AddRange(cards.Groups);
        }
    }

    private void Sync(ImportTarget target)
    {
        var synced = new SyncedDirectories(Report);
        foreach (var file in _files.SyncLists)
        {
            if (LegacyText.TryRead(file, out var text, out var problem))
                synced.Add(file, text);
            else
                Report.Lose(new(file, 0, ""), problem);
        }
        // This host copied what its own programs need.
        synced.AddTo(_manifest.Groups.FirstOrDefault());
        foreach (var (file, settings) in _files.Scripts)
        {
            var isSync = Path.GetFileName(file).Contains("rsync", StringComparison.OrdinalIgnoreCase);
            foreach (var setting in settings.All)
                ReportSetting(setting, isSync, target);
        }
    }

    private void ReportSetting(Setting setting, bool isSync, ImportTarget target)
    {
        if (isSync && setting.Name == PeerSetting)
            Receivers(setting, target);
        else if (isSync)
            Report.Note(setting.Origin, $"{setting.Value}: is for the scripts that copied, which go on: nothing is copied by the groups yet, they are compared");
        else if (setting.Name is PeerSetting or PeersDirectorySetting)
            Report.Note(setting.Origin, $"{setting.Value}: was read to find the peer and its programs");
        else
            Report.Note(setting.Origin, $"{setting.Value}: is for the scripts that moved programs, which the groups do now");
    }

    /// <summary>Whoever got copies is compared with when it is a member.</summary>
    private void Receivers(Setting setting, ImportTarget target)
    {
        var known = target.Peers.Select(peer => peer.Host)
            .Concat(_files.Scripts.Select(script => script.Settings.Find(PeerSetting)).Where(peer => peer is not null && peer != setting).Select(peer => peer!.Value))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var host in setting.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (known.Contains(host))
                Report.Note(setting.Origin, $"{host}: got copies, and is a member that is compared");
            else
                Report.Lose(setting.Origin, $"{host}: got copies, and is no member of the group by this name: if it is another host, it is not compared");
        }
    }

    private void Rest()
    {
        foreach (var file in _files.Others.Where(file => !_places.HasRead(file)))
            Report.Note(new(file, 0, ""), "was not read: no configuration that is known");
    }
}
