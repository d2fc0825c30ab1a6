using System.Collections.Immutable;
using HaGrpc.Core.Access;
using HaGrpc.Core.Language;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Explanation;

/// <summary>
/// Finds why a program is in the state that it is in, from what the registry wants and what hosts said last. The agent alone decides what happens; this tells an operator what that was
/// decided from, and in doubt says that nobody knows rather than what may be.
/// </summary>
public static class ProgramCauses
{
    private const int MostNamed = 5;
    private const string NotLimited = "not limited: ";

    /// <summary>The reasons, at least one for each place.</summary>
    /// <param name="places">The program, on each host where it runs or should.</param>
    /// <param name="others">The other programs of its group in the same way.</param>
    /// <param name="group">Its group.</param>
    /// <param name="wantedBy">Who wants what is wanted; empty when nobody is known.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    public static ImmutableArray<ProgramCause> Of(
        IReadOnlyCollection<ProgramSighting> places, IReadOnlyCollection<ProgramSighting> others, GroupSighting group, string wantedBy, string reason)
    {
        var causes = ImmutableArray.CreateBuilder<ProgramCause>();
        foreach (var place in places)
            causes.AddRange(OfPlace(place, [.. others.Where(o => o.Host == place.Host)], group, wantedBy, reason));
        return causes.ToImmutable();
    }

    private static IEnumerable<ProgramCause> OfPlace(
        ProgramSighting place, ProgramSighting[] others, GroupSighting group, string wantedBy, string reason)
    {
        var (program, host) = (place.Program, place.Host);
        if (place.IsObserved)
        {
            yield return Because(CauseKind.Observed, SaidText.Of($"somebody else runs it, and it is only watched: hactl adopt {program.Name.Group} takes it over"));
            yield break;
        }
        if (program.DesiredState == DesiredState.Stopped)
            yield return Because(CauseKind.NotWanted, NotWanted(place.State, wantedBy, reason));
        if (host.Length == 0)
        {
            yield return Because(CauseKind.NoOwner, group.Detail.Length > 0
                ? SaidText.Of($"nobody owns its group {program.Name.Group}: {group.Detail}")
                : SaidText.Of($"nobody owns its group {program.Name.Group}; whoever comes to own it sees to it"));
            yield break;
        }
        if (place.State == ProgramState.Unknown)
        {
            yield return Because(CauseKind.Unheard, SaidText.Of($"what it does is not known: {place.Detail}"));
            yield break;
        }
        // What every member runs needs no owner.
        if (program.RunOn != RunOn.All && (!group.IsServed || (group.Detail.Length > 0 && place.State != ProgramState.Running)))
        {
            yield return Because(CauseKind.GroupHeld, group.Detail.Length > 0
                ? SaidText.Of($"its group {program.Name.Group} is {group.Phase}: {group.Detail}")
                : SaidText.Of($"its group {program.Name.Group} is {group.Phase}"));
        }
        if (program.DesiredState == DesiredState.Stopped)
        {
            if (place.State == ProgramState.Stopping)
                yield return Because(CauseKind.Stopping, SaidText.Of($"it is being stopped, and has {program.StopTimeout.TotalSeconds:0.###} s for that before its whole tree is killed"));
            yield break;
        }
        foreach (var cause in OfWanted(place, others))
            yield return cause;

        ProgramCause Because(CauseKind kind, SaidText said) => new(kind, host, said);
    }

    private static SaidText NotWanted(ProgramState? state, string by, string reason)
    {
        var isGone = state is null or ProgramState.Stopped or ProgramState.Exited or ProgramState.Fatal;
        return (isGone, by.Length > 0, reason.Length > 0) switch
        {
            (true, true, true) => SaidText.Of($"{ActorName.Shown(by)} wants it stopped: {reason}"),
            (true, true, false) => SaidText.Of($"{ActorName.Shown(by)} wants it stopped"),
            (true, false, _) => SaidText.Of("it is wanted stopped"),
            (false, true, true) => SaidText.Of($"{ActorName.Shown(by)} wants it stopped, and it is not yet: {reason}"),
            (false, true, false) => SaidText.Of($"{ActorName.Shown(by)} wants it stopped, and it is not yet"),
            _ => SaidText.Of("it is wanted stopped, and is not yet"),
        };
    }

    private static IEnumerable<ProgramCause> OfWanted(ProgramSighting place, ProgramSighting[] others)
    {
        switch (place.State)
        {
            case null or ProgramState.Stopped:
                return NotStarted(place, others);
            case ProgramState.Starting:
                return [Because(CauseKind.Starting, Starting(place.Program))];
            case ProgramState.Running:
                return Running(place);
            case ProgramState.Stopping:
                return [Because(CauseKind.Stopping, place.Detail.Length > 0
                    ? SaidText.Of($"it is being stopped to be started again: {place.Detail}")
                    : SaidText.Of("it is being stopped to be started again"))];
            case ProgramState.Backoff:
                return [Because(CauseKind.Backoff, Backoff(place))];
            case ProgramState.Fatal:
                return [Because(CauseKind.GivenUp, GivenUp(place))];
            case ProgramState.Exited:
                return [Because(CauseKind.Ended, Ended(place))];
            case ProgramState.Unknown:
            default:
                return [];
        }

        ProgramCause Because(CauseKind kind, SaidText said) => new(kind, place.Host, said);
    }

    private static IEnumerable<ProgramCause> NotStarted(ProgramSighting place, ProgramSighting[] others)
    {
        if (place.Detail.Length > 0)
            yield return new(CauseKind.HeldBack, place.Host, SaidText.Of($"it does not run: {place.Detail}"));
        var named = place.Program.After;
        var before = others.Where(o => o.Program.DesiredState == DesiredState.Running && IsAwaited(o)).ToArray();
        var awaited = before.Where(o => o.Program.Priority == place.Program.Priority && named.Contains(ProgramExpansion.TemplateOf(o.Program).Name)).ToArray();
        var lower = before.Where(o => o.Program.Priority < place.Program.Priority).ToArray();
        if (awaited.Length > 0)
            yield return new(CauseKind.WaitsForPrograms, place.Host, SaidText.Of($"it waits for programs that it names in after: {Named(awaited)}"));
        if (lower.Length > 0)
            yield return new(CauseKind.WaitsForLevel, place.Host, SaidText.Of($"it waits for programs of a lower priority than its own, {place.Program.Priority}: {Named(lower)}"));
        if (place.Detail.Length == 0 && awaited.Length + lower.Length == 0)
            yield return new(CauseKind.NotStarted, place.Host, SaidText.Of($"it is wanted to run and has not been started, and {place.Host} does not say why"));
    }

    /// <summary>True for a program that keeps those behind it from starting.</summary>
    private static bool IsAwaited(ProgramSighting other) => other.State switch
    {
        null or ProgramState.Stopped => other.Detail.Length == 0 || other.Program.Oneshot,
        ProgramState.Running => other.Detail == ProgramMachine.NotReadyYet || other.Program.Oneshot,
        ProgramState.Exited => other.Detail.Length > 0 && other.Program.Oneshot,
        ProgramState.Fatal => other.Program.Oneshot,
        _ => true,
    };

    private static string Named(ProgramSighting[] awaited)
    {
        // What has begun is what the others wait for.
        var begun = awaited.Where(o => o.State is not (null or ProgramState.Stopped)).ToArray();
        var told = begun.Length > 0 ? begun : awaited;
        var names = told.Take(MostNamed).Select(o =>
        {
            var state = (o.State ?? ProgramState.Stopped).ToString().ToUpperInvariant();
            return o.Detail.Length > 0 ? $"{o.Program.Name} ({state}: {o.Detail})" : $"{o.Program.Name} ({state})";
        });
        return string.Join(", ", names) + (told.Length > MostNamed ? ", …" : "");
    }

    private static SaidText Starting(Program program) => program.Readiness is not null
        ? SaidText.Of($"it is being started: it has to be up for {program.StartTime.TotalSeconds:0.###} s and to pass its check of readiness within {program.ReadyTimeout.TotalSeconds:0.###} s")
        : SaidText.Of($"it is being started: it has to be up for {program.StartTime.TotalSeconds:0.###} s");

    private static IEnumerable<ProgramCause> Running(ProgramSighting place)
    {
        if (place.Detail == ProgramMachine.NotReadyYet)
        {
            yield return new(CauseKind.NotReady, place.Host, place.Program.Readiness is { Target.Length: > 0 } check
                ? SaidText.Of($"its check of readiness has not passed yet ({check.Kind.ToString().ToLowerInvariant()} {check.Target}); after {place.Program.ReadyTimeout.TotalSeconds:0.###} s that is a failed start")
                : SaidText.Of($"it has not said yet that it is ready; after {place.Program.ReadyTimeout.TotalSeconds:0.###} s that is a failed start"));
        }
        else if (place.Detail.StartsWith(NotLimited, StringComparison.Ordinal))
        {
            yield return new(CauseKind.NotLimited, place.Host, SaidText.Of($"it runs, but {place.Host} cannot enforce all its limits: {place.Detail[NotLimited.Length..]}"));
        }
        else
        {
            yield return new(CauseKind.Runs, place.Host, place.Detail.Length > 0 ? SaidText.Of($"it runs as it is wanted: {place.Detail}") : SaidText.Of("it runs as it is wanted"));
        }
    }

    private static SaidText Backoff(ProgramSighting place)
    {
        var why = place.Detail.Length > 0 ? place.Detail : "its host does not say why";
        return place.FailedStarts > 0
            ? SaidText.Of($"{place.FailedStarts} starts in a row have failed, and {place.Program.StartRetries} retries are allowed (start_retries); it is tried again by itself: {why}")
            : SaidText.Of($"it is started again by itself after a wait: {why}");
    }

    private static SaidText GivenUp(ProgramSighting place)
    {
        var (name, why) = (place.Program.Name, place.Detail.Length > 0 ? place.Detail : "its host does not say why");
        return (place.FailedStarts > 0, place.Program.FatalRetryAfter > TimeSpan.Zero) switch
        {
            (true, true) => SaidText.Of($"{place.FailedStarts} starts in a row have failed, more than start_retries {place.Program.StartRetries} allows; it is tried afresh {place.Program.FatalRetryAfter.TotalSeconds:0.###} s after the last (fatal_retry_after), and by hactl start {name}: {why}"),
            (true, false) => SaidText.Of($"{place.FailedStarts} starts in a row have failed, more than start_retries {place.Program.StartRetries} allows; it is not tried again before hactl start {name}: {why}"),
            (false, true) => SaidText.Of($"it failed to start too often; it is tried afresh {place.Program.FatalRetryAfter.TotalSeconds:0.###} s after the last try (fatal_retry_after), and by hactl start {name}: {why}"),
            _ => SaidText.Of($"it failed to start too often; it is not tried again before hactl start {name}: {why}"),
        };
    }

    private static SaidText Ended(ProgramSighting place)
    {
        var (program, status) = (place.Program, place.ExitStatus);
        if (place.Detail.Length > 0)
            return SaidText.Of($"it has ended, and restart: {Word(program.Restart)} leaves it so: {place.Detail}");
        return program.Oneshot ? SaidText.Of($"it has run to its end, as it is to (oneshot), with exit status {status}")
            : SaidText.Of($"it has ended with exit status {status}, and restart: {Word(program.Restart)} leaves it so");
    }

    private static string Word(RestartPolicy policy) => policy.ToString().ToLowerInvariant();
}
