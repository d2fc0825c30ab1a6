using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>A program by itself. Limits are Supervisor's where it has any.</summary>
internal static class ProgramRules
{
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    internal static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(10);
    internal const int MostRetries = 1_000_000;

    internal static void Check(Program program, string path, ICollection<FieldError> errors)
    {
        NameRules.Check(program.Name.Name, $"{path}.name", "program", errors);
        NameRules.Check(program.Name.Group, $"{path}.group", "group", errors);
        ExecutionRules.Check(program, path, errors);
        ExpansionRules.Check(program, path, errors);
        Range("priority", program.Priority, 0, 9999);
        Range("start_retries", program.StartRetries, 0, MostRetries);
        if (program.RestartGeneration < 0)
            Add("restart_generation", Text(program.RestartGeneration), "must not be negative");
        if (program.ExitCodes.IsEmpty)
            Add("exit_codes", "", "at least one exit code must count as expected, usually 0");
        for (var i = 0; i < program.ExitCodes.Length; i++)
            Range($"exit_codes[{i}]", program.ExitCodes[i], 0, 255);
        Wait("start_time", program.StartTime);
        if (program.Oneshot && program.Restart == RestartPolicy.Always)
            Add("oneshot", "true", "a program that runs once cannot have restart: always");
        if (program.Oneshot && (program.Readiness ?? program.Liveness) is not null)
            Add("oneshot", "true", "a program that runs once is ready when it has ended well: leave readiness and liveness out");
        if (program is { RunOn: RunOn.All, Oneshot: true })
            Add("run_on", "all", "a oneshot runs when the group begins on a host: leave one of the two out");
        if (program.RunOn == RunOn.All && program.FatalAction != FatalAction.Stay)
            Add("fatal_action", program.FatalAction == FatalAction.FailOver ? "fail_over" : "restart_group",
                "a program with run_on: all is no part of what its group does: leave it out");
        CheckRules.Check(program.Readiness, $"{path}.readiness", isLiveness: false, errors);
        CheckRules.Check(program.Liveness, $"{path}.liveness", isLiveness: true, errors);
        if (program.ReadyTimeout < TimeSpan.FromMilliseconds(100) || program.ReadyTimeout > LongestWait)
            Add("ready_timeout", DurationText.Format(program.ReadyTimeout), $"must be 100ms to {DurationText.Format(LongestWait)}");
        Wait("fatal_retry_after", program.FatalRetryAfter);
        var (initial, longest) = program.Backoff;
        if (initial < ShortestBackoff || initial > TimeSpan.FromHours(1))
            Add("backoff.initial", DurationText.Format(initial), $"must be {DurationText.Format(ShortestBackoff)} to 1h");
        else if (longest < initial || longest > LongestWait)
            Add("backoff.longest", DurationText.Format(longest), $"must be {DurationText.Format(initial)}, the first wait, to {DurationText.Format(LongestWait)}");
        Wait("stop_timeout", program.StopTimeout);
        if (SignalNames.Problem(program.StopSignal) is { } problem)
            Add("stop_signal", program.StopSignal, problem);
        LimitRules.Check(program.Limits, $"{path}.limits", errors);
        AdoptRules.Check(program.Adopt, $"{path}.adopt", errors);

        void Range(string field, int value, int from, int to)
        {
            if (value < from || value > to)
                Add(field, Text(value), $"must be {from} to {to}");
        }

        void Wait(string field, TimeSpan value)
        {
            if (value < TimeSpan.Zero || value > LongestWait)
                Add(field, DurationText.Format(value), $"must be 0s to {DurationText.Format(LongestWait)}");
        }

        void Add(string field, string value, string message) => errors.Add(new($"{path}.{field}", value, message));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
