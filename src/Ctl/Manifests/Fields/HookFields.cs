using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="HookSection"/> reads.</summary>
internal static class HookFields
{
    private static readonly FieldShape Events = Words("promote", "demote", "fault", "stop");

    internal static Section<Hook> Section { get; } = new("hook", Usual, isShort: false,
        new("name", Text, "unique in its group", h => FieldValue.Text(h.Name), IsRequired: true),
        new("events", Any(Events, List(Events)), "what it is called for", EventsOf, IsRequired: true),
        new("phase", Words("before", "after"), "before or after the programs", h => FieldValue.Enum(h.Phase)),
        new("command", Any(List(Text), Text), "begins with an absolute path; no shell reads it", h => FieldValue.TextList(h.Command), IsRequired: true),
        new("timeout", Duration, "then its whole process tree is killed", h => FieldValue.Duration(h.Timeout)),
        new("user", Text, "name or number; else the agent's", h => FieldValue.Text(h.User)),
        new("style", Words("plain", "keepalived", "keepalived_state"), "which arguments it gets", h => FieldValue.Enum(h.Style)));

    private static Hook Usual => new()
    {
        Phase = HookPhase.After,
        Timeout = Model.Hook.DefaultTimeout.ToProto(),
        Style = HookStyle.Plain,
    };

    private static Import.Emitting.ManifestValue? EventsOf(Hook hook) =>
        FieldValue.WordOrWords([.. hook.Events.Select(e => FieldValue.Snake(e.ToString()))]);
}
