using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="HostCheckSection"/> reads.</summary>
internal static class HostCheckFields
{
    internal static Section<HostCheck> Section { get; } = new("host_check", new Model.HostCheck("").ToProto(), isShort: true,
        new("name", Text, "unique in its group", c => FieldValue.Text(c.Name), IsRequired: true),
        new("ping", Text, "an address that has to answer", c => FieldValue.Text(c.Ping)),
        new("exec", Any(List(Text), Text), "begins with an absolute path; exit code 0 is good", c => FieldValue.TextList(c.Exec)),
        new("link", Text, "an interface that has to have a carrier", c => FieldValue.Text(c.Link)),
        new("user", Text, "of exec: name or number; else the agent's", c => FieldValue.Text(c.User)),
        new("interval", Duration, "from one question to the next", c => FieldValue.Duration(c.Interval)),
        new("timeout", Duration, "no answer within this is a bad one", c => FieldValue.Duration(c.Timeout)),
        new("rise", Number, "good answers in a row to be good", c => FieldValue.Number(c.Rise)),
        new("fall", Number, "bad answers in a row to be bad", c => FieldValue.Number(c.Fall)),
        new("weight", Number, "what it adds to the priority; absent: a bad one makes the host unfit", c => c.HasWeight ? FieldValue.Number(c.Weight) : null),
        new("reverse", Flag, "true: good is bad", c => FieldValue.Flag(c.Reverse)),
        new("init_fail", Flag, "true: bad until it was good once", c => FieldValue.Flag(c.InitFail)));
}
