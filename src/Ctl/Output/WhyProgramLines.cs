using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>Why a program is in its state, for people: where it is how and for what, how it ended there, who wants it so, and what the history has of it.</summary>
internal static class WhyProgramLines
{
    internal static void Print(ExplainProgramResponse why, TextWriter output, TimeProvider time)
    {
        foreach (var place in why.Places)
        {
            output.WriteLine(Standing(place, time));
            foreach (var cause in why.Causes.Where(c => c.Host == place.Host))
                output.WriteLine($"  {Speech.Of(cause.Said)}");
            Next(place, output, time);
            Ends(place, output, time);
        }
        if (why.Places.FirstOrDefault() is { } any)
            output.WriteLine(Wanted(any, time));
        if (why.Group is { } group)
        {
            var owner = group.Owner.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $", {group.Owner}, epoch {group.Epoch}") : "";
            output.Tell($"Its group {group.Group.Name}: {group.Phase}{owner} (hactl why {group.Group.Name})");
        }
        if (why.Events.Count > 0)
            output.WriteLine();
        foreach (var item in why.Events)
            EventLines.Print(item, output, time);
    }

    private static string Standing(ProgramLine place, TimeProvider time)
    {
        var (name, state) = (StatusLines.Name(place), StatusLines.StateName(place));
        if (place.Host.Length == 0)
            return Speech.Of($"{name} is {state}, on no host.");
        return place.Status?.Since is { } since
            ? Speech.Of($"{name} is {state} on {place.Host} since {Times.Full(since, time)} ({Times.Uptime(time.GetUtcNow() - since.ToDateTimeOffset())}).")
            : Speech.Of($"{name} is {state} on {place.Host}.");
    }

    // Clocks of two hosts differ a little: what should have been by now comes at once.
    private static void Next(ProgramLine place, TextWriter output, TimeProvider time)
    {
        if (place.Status?.NextTry is { } next)
            output.Tell($"  It is tried again at {Times.Full(next, time)}, in {Math.Max(0, (next.ToDateTimeOffset() - time.GetUtcNow()).TotalSeconds):F1} s.");
    }

    private static void Ends(ProgramLine place, TextWriter output, TimeProvider time)
    {
        if (place.Status is not { Ends.Count: > 0 } status)
            return;
        output.Tell("  How it ended there last:");
        foreach (var end in status.Ends)
        {
            var how = end.ExitStatus < 0 ? Speech.Of($"signal {-end.ExitStatus}") : Speech.Of($"exit status {end.ExitStatus}");
            var ran = end.Ran is { } length ? Speech.Of($", after {Times.Short(length)}") : "";
            var detail = end.Detail.Length > 0 ? $": {end.Detail}" : "";
            output.WriteLine($"    {(end.At is null ? "-" : Times.Full(end.At, time))}  {StatusLines.StateName(end.State),-8}  {how}{ran}{detail}");
        }
    }

    private static string Wanted(ProgramLine line, TimeProvider time)
    {
        var isStopped = line.Program.DesiredState == DesiredState.Stopped;
        if (line.Desired is not { By.Length: > 0 } origin)
            return isStopped ? Speech.Of("It is wanted stopped.") : Speech.Of("It is wanted running.");
        var since = origin.At is null ? "-" : Times.Full(origin.At, time);
        var reason = origin.Reason.Length > 0 ? $": {origin.Reason}" : "";
        return isStopped
            ? Speech.Of($"It is wanted stopped by {ActorName.Shown(origin.By)} since {since}{reason}")
            : Speech.Of($"It is wanted running by {ActorName.Shown(origin.By)} since {since}{reason}");
    }
}
