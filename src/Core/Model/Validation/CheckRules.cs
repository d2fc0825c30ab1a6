using System.Globalization;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Model.Validation;

/// <summary>A readiness or liveness check by itself.</summary>
internal static class CheckRules
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    internal static void Check(Check? check, string path, bool isLiveness, ICollection<FieldError> errors)
    {
        if (check is null)
            return;
        if (isLiveness && check.Kind == CheckKind.Notify)
            Add("notify", "", "a program says that it is ready, not that it is alive; use http, tcp, exec or grpc");
        else if (TargetProblem(check) is { } problem)
            Add(FieldOf(check.Kind), check.Target, problem);
        else if (check.Kind != CheckKind.Notify && ExpansionRules.OnHostProblem(check.Target) is { } wrong)
            Add(FieldOf(check.Kind), check.Target, wrong);
        Duration("interval", check.Interval, TimeSpan.FromMilliseconds(50), Hour);
        Duration("timeout", check.Timeout, TimeSpan.FromMilliseconds(10), Hour);
        Duration("start_period", check.StartPeriod, TimeSpan.Zero, ProgramRules.LongestWait);
        Count("rise", check.Rise);
        Count("fall", check.Fall);

        void Duration(string field, TimeSpan value, TimeSpan from, TimeSpan to)
        {
            if (value < from || value > to)
                Add(field, DurationText.Format(value), $"must be {DurationText.Format(from)} to {DurationText.Format(to)}");
        }

        void Count(string field, int value)
        {
            if (value is < 1 or > 100)
                Add(field, value.ToString(CultureInfo.InvariantCulture), "must be 1 to 100");
        }

        void Add(string field, string value, string message) => errors.Add(new($"{path}.{field}", value, message));
    }

    /// <summary>The manifest's field of a kind.</summary>
    private static string FieldOf(CheckKind kind) => kind switch
    {
        CheckKind.Http => "http",
        CheckKind.Tcp => "tcp",
        CheckKind.Exec => "exec",
        CheckKind.Grpc => "grpc",
        _ => "notify",
    };

    private static string? TargetProblem(Check check) => check.Kind switch
    {
        CheckKind.Notify => check.Target.Length == 0 ? null : "has no target",
        _ when TextRules.OneLineProblem(check.Target) is { } control => control,
        CheckKind.Exec => CommandLine.TrySplit(check.Target, out _, out var error) ? null : error,
        // What an expansion stands for is known on the host only.
        _ when check.Target.Contains("%(", StringComparison.Ordinal) => null,
        CheckKind.Http => Uri.TryCreate(check.Target, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? null
            : "must be a URL such as http://127.0.0.1:8080/health",
        CheckKind.Tcp => HostPort.TryParse(check.Target, out _, out _, out var rest) && rest.Length == 0
            ? null
            : "must be host:port, for example 127.0.0.1:5432 or [::1]:5432",
        _ => HostPort.TryParse(check.Target, out _, out _, out _)
            ? null
            : "must be host:port or host:port/service, for example 127.0.0.1:50051/shop.v1.Orders",
    };
}
