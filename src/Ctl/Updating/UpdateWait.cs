using HaGrpc.Core.Supervision;
using HaGrpc.Ctl.Commands;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Watching;
using HaGrpc.V1;
using ConfiguredProgram = HaGrpc.Core.Model.Program;
using ProgramState = HaGrpc.V1.ProgramState;

namespace HaGrpc.Ctl.Updating;

/// <summary>Waits until processes run anew and are ready, on whichever hosts they are to run.</summary>
internal sealed class UpdateWait
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    private readonly CommandRunner.Call _call;
    private readonly ConfiguredProgram[] _processes;
    private readonly Dictionary<string, ProgramStatus?> _before;
    private readonly IReadOnlySet<string> _renewed;

    private UpdateWait(
        CommandRunner.Call call, ConfiguredProgram[] processes, Dictionary<string, ProgramStatus?> before, IReadOnlySet<string> renewed) =>
        (_call, _processes, _before, _renewed) = (call, processes, before, renewed);

    /// <summary>Looks at processes as they are before they are touched.</summary>
    internal static async Task<UpdateWait> BeginAsync(CommandRunner.Call call, ConfiguredProgram[] processes)
    {
        var lines = await LookAsync(call, processes).ConfigureAwait(false);
        return new(
            call, processes, lines.ToDictionary(Key, line => (ProgramStatus?)line.Status, StringComparer.Ordinal),
            processes.Select(p => p.Name.ToString()).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>The same wait, when only some of them are restarted: the others have to be ready as they are.</summary>
    /// <param name="names">Those that are restarted, <c>GROUP:NAME</c>.</param>
    internal UpdateWait Renewing(IReadOnlySet<string> names) => new(_call, _processes, _before, names);

    /// <summary>Waits; the first that cannot become ready any more ends it.</summary>
    /// <returns>What became of each, in the order of their names.</returns>
    internal async Task<IReadOnlyList<ProcessOutcome>> EndAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        var limit = _processes.Max(p => p.StopTimeout + p.StartTime + (p.Readiness is null ? TimeSpan.Zero : p.ReadyTimeout)) + Slack;
        var ready = new Dictionary<string, ProcessOutcome>(StringComparer.Ordinal);
        using var states = new FollowedStates(_call, [.. _processes.Select(p => p.Name.ToString())]);
        while (true)
        {
            var left = limit - TimeProvider.System.GetElapsedTime(begun);
            var lines = await states.NextAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
            // The terminal's clock is for uptimes; this waits for real.
            var elapsed = TimeProvider.System.GetElapsedTime(begun);
            var now = lines.Select(line => (Line: line, Verdict: Judge(line))).ToArray();
            foreach (var (line, _) in now.Where(n => n.Verdict.IsReady))
                ready.TryAdd(StatusLines.Name(line), new(StatusLines.Name(line), line.Host, IsReady: true, elapsed, ""));
            // All of its instances, where several members run it.
            var waiting = now.GroupBy(n => StatusLines.Name(n.Line), StringComparer.Ordinal).Where(p => !p.All(n => n.Verdict.IsReady)).ToArray();
            if (waiting.Length == 0 && lines.Count > 0)
                return [.. now.Select(n => ready[StatusLines.Name(n.Line)]).DistinctBy(o => o.Name)];
            var isOver = elapsed > limit;
            if (isOver || now.Any(n => n.Verdict.Failure is not null))
                return [.. now.GroupBy(n => StatusLines.Name(n.Line), StringComparer.Ordinal).Select(p => Outcome(p.Key, [.. p], ready, elapsed))];
        }
    }

    private static ProcessOutcome Outcome(
        string name, (ProgramLine Line, Verdict Verdict)[] instances, Dictionary<string, ProcessOutcome> ready, TimeSpan elapsed)
    {
        if (instances.All(i => i.Verdict.IsReady))
            return ready[name];
        var (line, verdict) = instances.OrderBy(i => i.Verdict.Failure is null).First(i => !i.Verdict.IsReady);
        var why = verdict.Failure ?? (line.Host.Length == 0 ? Speech.Of("nobody owns its group")
            : line.Status?.Detail is { Length: > 0 } detail ? $"{StatusLines.StateName(line)}, {detail}" : StatusLines.StateName(line));
        return new(name, line.Host, IsReady: false, elapsed, why);
    }

    private Verdict Judge(ProgramLine line)
    {
        // What nothing is done to is judged as it is: nothing was there before that it could be mistaken for.
        var isKept = !_renewed.Contains(StatusLines.Name(line));
        var (now, before) = (line.Status, isKept ? null : _before.GetValueOrDefault(Key(line)));
        var isNew = now is not null
            && (before is null || now.Pid != before.Pid || !Equals(now.Since, before.Since) || now.State != before.State || now.RestartGeneration != before.RestartGeneration);
        if (!isNew)
            return default;
        var program = _processes.First(p => p.Name.ToString() == StatusLines.Name(line));
        return now!.State switch
        {
            // An old instance that has only said something else is none of the new release.
            ProgramState.Running when before is { Pid: > 0 } && now.Pid == before.Pid => default,
            ProgramState.Running => new(now.Detail != ProgramMachine.NotReadyYet, null),
            ProgramState.Fatal => new(false, Said(line)),
            // One that nobody touched and that has ended stays as it was found, also when that is what it was to do.
            ProgramState.Exited when isKept || (program.Oneshot && now.ExitStatus == 0) => new(true, null),
            ProgramState.Exited when before is not { Pid: > 0 } || !Equals(now.Since, before.Since) => new(false, Said(line)),
            _ => default,
        };
    }

    private static string Said(ProgramLine line) =>
        line.Status.Detail.Length > 0 ? $"{StatusLines.StateName(line)}, {line.Status.Detail}" : StatusLines.StateName(line);

    private static string Key(ProgramLine line) => $"{StatusLines.Name(line)}\0{line.Host}";

    private static async Task<IReadOnlyList<ProgramLine>> LookAsync(CommandRunner.Call call, ConfiguredProgram[] processes) =>
        [.. (await call.ControlPlane.Admin.ListProgramsAsync(new() { Selectors = { processes.Select(p => p.Name.ToString()) } }, call.Short).ConfigureAwait(false)).Programs
            .OrderBy(StatusLines.Name, StringComparer.Ordinal)];

    private readonly record struct Verdict(bool IsReady, string? Failure);
}

/// <summary>What became of a process that was updated.</summary>
/// <param name="Name"><c>GROUP:NAME</c>.</param>
/// <param name="Host">Where; empty for nowhere.</param>
/// <param name="IsReady">True when it runs anew and is ready.</param>
/// <param name="Took">How long it took, or was waited for.</param>
/// <param name="Why">Why it is not ready; empty when it is.</param>
internal sealed record ProcessOutcome(string Name, string Host, bool IsReady, TimeSpan Took, string Why);
