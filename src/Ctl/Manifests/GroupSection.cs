using HaGrpc.Contracts;
using HaGrpc.V1;
using GroupTiming = HaGrpc.Core.Model.GroupTiming;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of <c>groups</c>, with the programs that stand inside it.</summary>
internal static class GroupSection
{
    internal static void Read(MapReader map, ApplyRequest request)
    {
        var group = new Group { Name = map.Text("name") ?? "", Locked = map.Flag("locked") ?? false };
        request.Groups.Add(group);
        foreach (var member in map.Maps("members", () => group.Members.Count))
            group.Members.Add(ReadMember(member));
        foreach (var vip in map.Maps("vips", () => group.Vips.Count))
            group.Vips.Add(ReadVip(vip));
        foreach (var route in map.Maps("routes", () => group.Routes.Count))
            group.Routes.Add(ReadRoute(route));
        group.Timing = ReadTiming(map);
        group.Failback = ReadFailback(map);
        group.FlapBudget = ReadFlapBudget(map);
        foreach (var hook in map.Maps("hooks", () => group.Hooks.Count))
            group.Hooks.Add(HookSection.Read(hook));
        foreach (var check in map.Maps("checks", () => group.Checks.Count))
            group.Checks.Add(HostCheckSection.Read(check));
        foreach (var directory in map.Maps("directories", () => group.Directories.Count))
            group.Directories.Add(DirectorySection.Read(directory));
        group.AnnounceInterval = (map.Duration("announce_interval") ?? HaGrpc.Core.Model.Group.DefaultAnnounceInterval).ToProto();
        group.DropConnections = map.Flag("drop_connections") ?? false;
        group.DuplicateProbeInterval =
            (map.Duration("duplicate_probe_interval") ?? HaGrpc.Core.Model.Group.DefaultDuplicateProbeInterval).ToProto();
        group.Fencing = map.Choice("fencing", ("off", Fencing.Off), ("required", Fencing.Required)) ?? Fencing.Off;
        group.SyncGroup = map.Text("sync_group") ?? "";
        group.Mode = AdoptSection.Mode(map);
        foreach (var program in map.Maps("programs", () => request.Programs.Count, "programs"))
            request.Programs.Add(ProgramSection.Read(program, group.Name));
        map.RefuseOthers();
    }

    private static Member ReadMember(MapReader map)
    {
        map.Missing("priority", "a member needs a priority, 1 to 255; the highest live one is preferred");
        var member = new Member { Host = map.Text("host") ?? "", Priority = map.Number("priority") ?? 0 };
        map.RefuseOthers();
        return member;
    }

    private static Vip ReadVip(MapReader map)
    {
        var vip = new Vip
        {
            Address = map.Text("address") ?? "",
            Interface = map.Text("interface") ?? "",
            Label = map.Text("label") ?? "",
            Script = map.Text("script") ?? "",
        };
        map.RefuseOthers();
        return vip;
    }

    private static Route ReadRoute(MapReader map)
    {
        var route = new Route
        {
            Destination = map.Text("destination") ?? "",
            Gateway = map.Text("gateway") ?? "",
            Interface = map.Text("interface") ?? "",
            Source = map.Text("source") ?? "",
        };
        map.RefuseOthers();
        return route;
    }

    // A profile's name, or three times: half a profile is not guessed.
    private static Timing ReadTiming(MapReader group)
    {
        if (group.Node("timing") is not YamlMap || group.Map("timing") is not { } map)
        {
            var profile = group.Node("timing") is null ? null : group.Choice(
                "timing",
                ("default", 0),
                ("fast", 1),
                ("calm", 2));
            return (profile switch { 1 => GroupTiming.Fast, 2 => GroupTiming.Calm, _ => GroupTiming.Default }).ToProto();
        }
        foreach (var field in (string[])["ttl", "heartbeat", "takeover_margin"])
            map.Missing(field, "missing: give all of ttl, heartbeat and takeover_margin, or a profile: default, fast, calm");
        var timing = new Timing
        {
            Ttl = (map.Duration("ttl") ?? TimeSpan.Zero).ToProto(),
            Heartbeat = (map.Duration("heartbeat") ?? TimeSpan.Zero).ToProto(),
            TakeoverMargin = (map.Duration("takeover_margin") ?? TimeSpan.Zero).ToProto(),
            SoloTtl = (map.Duration("solo_ttl") ?? GroupTiming.Default.SoloTtl).ToProto(),
        };
        map.RefuseOthers();
        return timing;
    }

    private static Failback ReadFailback(MapReader group)
    {
        if (group.Node("failback") is not YamlMap || group.Map("failback") is not { } map)
            return new() { Mode = Mode(group, "failback"), Delay = TimeSpan.Zero.ToProto() };
        map.Missing("mode", "missing: manual or automatic");
        var failback = new Failback
        {
            Mode = Mode(map, "mode"),
            Delay = (map.Duration("delay") ?? TimeSpan.Zero).ToProto(),
            Window = WindowSection.Read(map),
        };
        map.RefuseOthers();
        return failback;
    }

    private static FlapBudget? ReadFlapBudget(MapReader group)
    {
        if (group.Map("flap_budget") is not { } map)
            return null;
        map.Missing("moves", "missing: how many moves, 1 to 100");
        map.Missing("window", "missing: in how long, such as 10m");
        var budget = new FlapBudget { Moves = map.Number("moves") ?? 0, Window = (map.Duration("window") ?? TimeSpan.Zero).ToProto() };
        map.RefuseOthers();
        return budget;
    }

    private static FailbackMode Mode(MapReader map, string field) =>
        map.Choice(field, ("manual", FailbackMode.Manual), ("automatic", FailbackMode.Automatic)) ?? FailbackMode.Manual;
}
