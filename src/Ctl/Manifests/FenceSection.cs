using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests;

/// <summary><c>fence</c> of an item of <c>hosts</c>.</summary>
internal static class FenceSection
{
    internal static FenceDevice? Read(MapReader host)
    {
        if (host.Map("fence") is not { } map)
            return null;
        map.Missing("agent", "missing: the name of the fence agent, such as fence_ipmilan");
        var device = new FenceDevice
        {
            Agent = map.Text("agent") ?? "",
            Action = map.Choice("action", ("off", FenceAction.Off), ("reboot", FenceAction.Reboot)) ?? FenceAction.Off,
            Timeout = (map.Duration("timeout") ?? HaGrpc.Core.Model.FenceDevice.DefaultTimeout).ToProto(),
        };
        foreach (var (name, value) in map.Texts("options"))
            device.Options[name] = value;
        map.RefuseOthers();
        return device;
    }
}
