using HaGrpc.Contracts;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>A check: one of http, tcp, exec, grpc, notify, and how its answers are judged.</summary>
internal static class CheckSection
{
    private static readonly (string Field, CheckKind Kind)[] Kinds =
    [
        ("http", CheckKind.Http), ("tcp", CheckKind.Tcp), ("exec", CheckKind.Exec), ("grpc", CheckKind.Grpc),
    ];

    private static readonly Model.Check Defaults = new(Model.CheckKind.Tcp, "");

    /// <param name="program">The program.</param>
    /// <param name="field">readiness or liveness.</param>
    /// <param name="interval">The default interval.</param>
    /// <returns>Null when the field is absent, or wrong and told.</returns>
    internal static Check? Read(MapReader program, string field, TimeSpan interval)
    {
        if (program.Map(field) is not { } map)
            return null;
        var check = new Check
        {
            Interval = (map.Duration("interval") ?? interval).ToProto(),
            Timeout = (map.Duration("timeout") ?? Defaults.Timeout).ToProto(),
            Rise = map.Number("rise") ?? Defaults.Rise,
            Fall = map.Number("fall") ?? Defaults.Fall,
            StartPeriod = (map.Duration("start_period") ?? Defaults.StartPeriod).ToProto(),
        };
        var given = 0;
        foreach (var (name, kind) in Kinds)
        {
            if (map.Text(name) is not { } target)
                continue;
            (check.Kind, check.Target) = (kind, target);
            given++;
        }
        if (map.Flag("notify") == true)
        {
            check.Kind = CheckKind.Notify;
            given++;
        }
        map.RefuseOthers();
        if (given == 1)
            return check;
        program.Wrong(field, program.Node(field)!, "must say one of http, tcp, exec, grpc, or notify: true");
        return null;
    }
}
