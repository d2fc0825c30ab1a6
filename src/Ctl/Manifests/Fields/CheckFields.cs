using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="CheckSection"/> reads; readiness and liveness differ in how often they ask.</summary>
internal static class CheckFields
{
    internal static Section<Check> Readiness { get; } = Of("readiness", TimeSpan.FromMilliseconds(500));

    internal static Section<Check> Liveness { get; } = Of("liveness", TimeSpan.FromSeconds(5));

    private static Section<Check> Of(string name, TimeSpan interval) => new(name, Usual(interval), isShort: true,
        new("http", Text, "a URL; below 400 is good", c => Target(c, CheckKind.Http)),
        new("tcp", Text, "host:port; a connection is good", c => Target(c, CheckKind.Tcp)),
        new("exec", Text, "a command; exit code 0 is good", c => Target(c, CheckKind.Exec)),
        new("grpc", Text, "host:port or host:port/service; SERVING is good", c => Target(c, CheckKind.Grpc)),
        new("notify", Flag, "true: the program says READY=1; readiness only", c => c.Kind == CheckKind.Notify ? FieldValue.Flag(true) : null),
        new("interval", Duration, "from one question to the next", c => FieldValue.Duration(c.Interval)),
        new("timeout", Duration, "no answer within this is a bad one", c => FieldValue.Duration(c.Timeout)),
        new("rise", Number, "good answers in a row", c => FieldValue.Number(c.Rise)),
        new("fall", Number, "bad answers in a row", c => FieldValue.Number(c.Fall)),
        new("start_period", Duration, "how long after the start bad answers do not count", c => FieldValue.Duration(c.StartPeriod)));

    private static Check Usual(TimeSpan interval) => (new Model.Check(Model.CheckKind.Tcp, "") { Interval = interval }).ToProto();

    private static Import.Emitting.TextValue? Target(Check check, CheckKind kind) => check.Kind == kind ? FieldValue.Text(check.Target) : null;
}
