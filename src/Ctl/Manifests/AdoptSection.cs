using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests;

/// <summary>Who runs a group or program, and how its process is found while somebody else does.</summary>
internal static class AdoptSection
{
    // Absent is not manage: what is observed is handed over by hactl adopt, never by the way.
    internal static SupervisionMode Mode(MapReader map) =>
        map.Choice("mode", ("manage", SupervisionMode.Manage), ("observe", SupervisionMode.Observe)) ?? SupervisionMode.Unspecified;

    internal static ProcessMatch? Read(MapReader program)
    {
        if (program.Map("adopt") is not { } map)
            return null;
        var match = new ProcessMatch
        {
            Pid = map.Number("pid") ?? 0,
            Pidfile = map.Text("pidfile") ?? "",
            Command = map.Text("command") ?? "",
            User = map.Text("user") ?? "",
        };
        map.RefuseOthers();
        return match;
    }
}
