using HaGrpc.Contracts;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of a group's <c>checks</c>.</summary>
internal static class HostCheckSection
{
    private static readonly Model.HostCheck Defaults = new("");

    internal static HostCheck Read(MapReader map)
    {
        var check = new HostCheck
        {
            Name = map.Text("name") ?? "",
            Ping = map.Text("ping") ?? "",
            Link = map.Text("link") ?? "",
            User = map.Text("user") ?? "",
            Interval = (map.Duration("interval") ?? Defaults.Interval).ToProto(),
            Timeout = (map.Duration("timeout") ?? Defaults.Timeout).ToProto(),
            Rise = map.Number("rise") ?? Defaults.Rise,
            Fall = map.Number("fall") ?? Defaults.Fall,
            Reverse = map.Flag("reverse") ?? false,
            InitFail = map.Flag("init_fail") ?? false,
        };
        check.Exec.AddRange(HookSection.CommandOf(map, "exec"));
        if (map.Number("weight") is { } weight)
            check.Weight = weight;
        map.RefuseOthers();
        return check;
    }
}
