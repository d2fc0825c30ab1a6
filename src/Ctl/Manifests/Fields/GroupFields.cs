using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="GroupSection"/> reads.</summary>
internal static class GroupFields
{
    private static readonly FieldShape FailbackModes = Words("manual", "automatic");
    private static readonly FieldShape Days = Words("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    internal static Section<Member> Member { get; } = new("member", new Member(), isShort: true,
        new("host", Text, "a registered host", m => FieldValue.Text(m.Host), IsRequired: true),
        new("priority", Number, "1 to 255, all different; the live member with the highest is preferred", m => FieldValue.Number(m.Priority), IsRequired: true));

    internal static Section<Vip> Vip { get; } = new("vip", new Vip(), isShort: true,
        new("address", Text, "with its prefix length: 10.0.0.100/24", v => FieldValue.Text(v.Address), IsRequired: true),
        new("interface", Text, "the interface that gets it", v => FieldValue.Text(v.Interface), IsRequired: true),
        new("label", Text, "IPv4 only; begins with the interface's name and a colon", v => FieldValue.Text(v.Label)),
        new("script", Text, "absolute path, where a cloud decides where the address is", v => FieldValue.Text(v.Script)));

    internal static Section<Route> Route { get; } = new("route", new Route(), isShort: true,
        new("destination", Text, "a prefix, or default", r => FieldValue.Text(r.Destination), IsRequired: true),
        new("gateway", Text, "the next hop; none for an on-link route", r => FieldValue.Text(r.Gateway)),
        new("interface", Text, "the interface that it goes out by", r => FieldValue.Text(r.Interface), IsRequired: true),
        new("source", Text, "the preferred source address", r => FieldValue.Text(r.Source)));

    internal static Section<Timing> Timing { get; } = new("timing", new Timing { SoloTtl = Model.GroupTiming.Default.SoloTtl.ToProto() }, isShort: true,
        new("ttl", Duration, "how long a lease lasts, 200ms to 60s", t => FieldValue.Duration(t.Ttl), IsRequired: true),
        new("heartbeat", Duration, "at least 20ms, at most a quarter of the ttl", t => FieldValue.Duration(t.Heartbeat), IsRequired: true),
        new("takeover_margin", Duration, "what is waited for behind a lease", t => FieldValue.Duration(t.TakeoverMargin), IsRequired: true),
        new("solo_ttl", Duration, "how long an owner goes on alone, 1m to 24h", t => FieldValue.Duration(t.SoloTtl)));

    internal static Section<FailbackWindow> Window { get; } = new("window", new FailbackWindow(), isShort: true,
        new("from", Text, "when it opens, such as \"02:00\"", w => TimeOfDay(w.FromMinute), IsRequired: true),
        new("to", Text, "when it shuts; on the next day when it is not later", w => TimeOfDay(w.ToMinute), IsRequired: true),
        new("zone", Text, "as in the IANA data base; else UTC", w => FieldValue.Text(w.Zone)),
        new("days", Any(Days, List(Days)), "on which days it opens; else on all", w => IsDaily(w) ? null : FieldValue.WordOrWords([.. w.Days.Select(DayOf)])));

    internal static Section<Failback> Failback { get; } = new("failback", new Failback { Delay = TimeSpan.Zero.ToProto() }, isShort: true,
        new("mode", FailbackModes, "whether the group returns to the preferred member", f => FieldValue.Enum(f.Mode), IsRequired: true),
        new("delay", Duration, "for how long that member has been live", f => FieldValue.Duration(f.Delay)),
        new("window", Any(Text, Map(Window)), "when it may begin: \"02:00-04:00\", or with zone and days", WindowOf));

    internal static Section<FlapBudget> FlapBudget { get; } = new("flap_budget", new FlapBudget(), isShort: true,
        new("moves", Number, "1 to 100", b => FieldValue.Number(b.Moves), IsRequired: true),
        new("window", Duration, "1s to 168h", b => FieldValue.Duration(b.Window), IsRequired: true));

    internal static Section<GroupDirectory> Directory { get; } = new(
        "group_directory", new GroupDirectory { MaxLag = Model.GroupDirectory.DefaultMaxLag.ToProto() }, isShort: true,
        new("path", Text, "absolute, the same on every member", d => FieldValue.Text(d.Path), IsRequired: true),
        new("exclude", Any(List(Text), Text), "patterns of what may differ", d => FieldValue.TextList(d.Exclude)),
        new("max_lag", Duration, "how long a change may be missing elsewhere", d => FieldValue.Duration(d.MaxLag)));

    internal static Section<Group> Section { get; } = new("group", Usual, isShort: false,
        new("name", Text, "unique", g => FieldValue.Text(g.Name), IsRequired: true),
        new("members", Maps(Member), "the hosts that may own it", g => FieldValue.Maps(Member, g.Members), IsRequired: true),
        new("vips", Maps(Vip), "addresses that its owner answers for", g => FieldValue.Maps(Vip, g.Vips)),
        new("routes", Maps(Route), "routes of its owner", g => FieldValue.Maps(Route, g.Routes)),
        new("timing", Any(Words("default", "fast", "calm"), Map(Timing)), "a profile, or three times", TimingOf),
        new("flap_budget", Map(FlapBudget), "after so many moves within so long it is locked", g => FieldValue.Map(FlapBudget, g.FlapBudget)),
        new("failback", Any(FailbackModes, Map(Failback)), "manual: it stays where it is", FailbackOf),
        new("fencing", Words("off", "required"), "required: a lost owner's host must be confirmed off first", g => FieldValue.Enum(g.Fencing)),
        new("sync_group", Text, "groups that name the same are to be on one host", g => FieldValue.Text(g.SyncGroup)),
        new("locked", Flag, "true: it never moves by itself", g => FieldValue.Flag(g.Locked)),
        new("mode", AdoptFields.Modes, "observe: it is only watched; absent: as it is, manage when it is new", g => AdoptFields.Of(g.Mode)),
        new("hooks", Maps(HookFields.Section), "commands that run when a host gets or loses it", g => FieldValue.Maps(HookFields.Section, g.Hooks)),
        new("checks", Maps(HostCheckFields.Section), "what every member asks of its own host", g => FieldValue.Maps(HostCheckFields.Section, g.Checks)),
        new("directories", Maps(Directory), "what its programs need the same on every member", g => FieldValue.Maps(Directory, g.Directories)),
        new("announce_interval", Duration, "how often each VIP is announced; 0s: only when something happens", g => FieldValue.Duration(g.AnnounceInterval)),
        new("duplicate_probe_interval", Duration, "how often the owner asks who else has each VIP", g => FieldValue.Duration(g.DuplicateProbeInterval)),
        new("drop_connections", Flag, "true: TCP connections of the VIPs end with the ownership", g => FieldValue.Flag(g.DropConnections)),
        new("programs", Maps(ProgramFields.InGroup), "its programs", _ => null));

    /// <summary>A group of which nothing was said: what is stored has every field set.</summary>
    private static Group Usual => new Model.Group(
        "", [], [], [], Model.GroupTiming.Default, new(Model.FailbackMode.Manual, TimeSpan.Zero)).ToProto();

    private static Import.Emitting.ManifestValue? TimingOf(Group group)
    {
        if (group.Timing is not { } timing)
            return null;
        foreach (var (name, profile) in ((string, Model.GroupTiming)[])
            [("default", Model.GroupTiming.Default), ("fast", Model.GroupTiming.Fast), ("calm", Model.GroupTiming.Calm)])
        {
            if (timing.Equals(profile.ToProto()))
                return FieldValue.Word(name);
        }
        return FieldValue.Map(Timing, timing);
    }

    private static Import.Emitting.ManifestValue? FailbackOf(Group group) => group.Failback switch
    {
        null => null,
        { Window: null, Delay: { Seconds: 0, Nanos: 0 } or null } plain => FieldValue.Enum(plain.Mode),
        { } delayed => FieldValue.Map(Failback, delayed),
    };

    private static Import.Emitting.ManifestValue? WindowOf(Failback failback) => failback.Window switch
    {
        null => null,
        { Zone: "" } plain when IsDaily(plain) => FieldValue.Text($"{TimeOfDay(plain.FromMinute).Text}-{TimeOfDay(plain.ToMinute).Text}"),
        { } window => FieldValue.Map(Window, window),
    };

    private static Import.Emitting.TextValue TimeOfDay(int minute) => FieldValue.Text(Model.FailbackWindow.TimeText(minute));

    private static bool IsDaily(FailbackWindow window) => window.Days.Count is 0 or 7;

    private static string DayOf(WeekDay day) => FieldValue.Snake(day.ToString())[..3];
}
