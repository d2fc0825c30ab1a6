using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="HostSection"/> reads.</summary>
internal static class HostFields
{
    private static readonly Section<FenceDevice> Fence = new("fence", UsualFence, isShort: true,
        new("agent", Text, "the bare name of a fence agent: fence_ipmilan", f => FieldValue.Text(f.Agent), IsRequired: true),
        new("action", Words("off", "reboot"), "off: it stays off", f => FieldValue.Enum(f.Action)),
        new("timeout", Duration, "for all that the agent does", f => FieldValue.Duration(f.Timeout)),
        new("options", Texts, "what the agent is told; no secrets", f => FieldValue.Texts(f.Options)));

    internal static Section<Host> Section { get; } = new("host", new Host(), isShort: true,
        new("name", Text, "what the host's agent calls itself", h => FieldValue.Text(h.Name), IsRequired: true),
        new("description", Text, "free text", h => FieldValue.Text(h.Description)),
        new("fence", Map(Fence), "how it is switched off from outside", h => FieldValue.Map(Fence, h.Fence)));

    private static FenceDevice UsualFence => new() { Action = FenceAction.Off, Timeout = Model.FenceDevice.DefaultTimeout.ToProto() };
}
