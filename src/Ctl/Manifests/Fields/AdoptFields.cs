using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="AdoptSection"/> reads.</summary>
internal static class AdoptFields
{
    internal static FieldShape Modes { get; } = Words("manage", "observe");

    internal static Section<ProcessMatch> Section { get; } = new("adopt", new ProcessMatch(), isShort: true,
        new("pid", Number, "this process", m => m.Pid == 0 ? null : FieldValue.Number(m.Pid)),
        new("pidfile", Text, "the process that this file names", m => FieldValue.Text(m.Pidfile)),
        new("command", Text, "a regular expression, found in the arguments joined by spaces", m => FieldValue.Text(m.Command)),
        new("user", Text, "whose process it is; else the program's user", m => FieldValue.Text(m.User)));

    // What is managed needs not be said: it is so unless something else was.
    internal static Import.Emitting.ManifestValue? Of(SupervisionMode mode) => mode == SupervisionMode.Observe ? FieldValue.Word("observe") : null;
}
