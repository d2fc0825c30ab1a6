using Google.Protobuf.Collections;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>What an act would hit, for people.</summary>
internal static class PreviewLines
{
    private const int MostNamed = 8;

    internal static void Print(PreviewResponse seen, TextWriter output)
    {
        output.WriteLine(seen.Demand == GuardDemand.SecondApprover
            ? Speech.Of($"{seen.Act} of {seen.Name} has to be confirmed, and approved by a second operator ({DemandedBy(seen)}). It hits:")
            : Speech.Of($"{seen.Act} of {seen.Name} has to be confirmed ({DemandedBy(seen)}). It hits:"));
        foreach (var group in seen.Groups)
            output.WriteLine($"  {Line(group)}");
        if (seen.GroupCount > seen.Groups.Count)
            output.Tell($"  and {seen.GroupCount - seen.Groups.Count} more groups");
        foreach (var note in Notes(seen))
            output.WriteLine($"  {note}");
        output.Tell($"  in all: {Summary(seen)}");
    }

    /// <summary>All of it in one line; empty when the control plane has nothing to say to that.</summary>
    internal static string Summary(PreviewResponse seen) => seen.SaidParts.Count == 0
        ? seen.Summary
        : Speech.Listed(seen.SaidParts.Select(Speech.Of).Concat(Notes(seen)));

    // An older control plane, or a refusal that would be too long, has them in English only.
    private static IEnumerable<string> Notes(PreviewResponse seen) => seen.SaidNotes.Count == seen.Notes.Count ? seen.SaidNotes.Select(Speech.Of) : seen.Notes;

    // A rule has words of its own.
    private static string DemandedBy(PreviewResponse seen) =>
        seen.DemandedBy == $"the standard of {seen.Act}" ? Speech.Of($"the standard of {seen.Act}") : seen.DemandedBy;

    private static string Line(GroupRadius group)
    {
        var running = group.RunningCount switch
        {
            0 => Speech.Of("nothing runs"),
            1 => Speech.Of($"1 program running ({Some(group.Running)})"),
            var count => Speech.Of($"{count} programs running ({Some(group.Running)})"),
        };
        var vips = group.Vips.Count == 0 ? Speech.Of("no VIPs") : Speech.Of($"VIPs {Some(group.Vips)}");
        var clients = !group.HasClients ? Speech.Of($"clients unknown ({group.ClientsProblem})")
            : group.Clients == 1 ? Speech.Of("1 client connected") : Speech.Of($"{group.Clients} clients connected");
        return group.Owner.Length > 0
            ? Speech.Of($"{group.Group} on {group.Owner}, epoch {group.Epoch}: {running}; {vips}; {clients}")
            : Speech.Of($"{group.Group} owned by nobody: {running}; {vips}; {clients}");
    }

    private static string Some(RepeatedField<string> names) => names.Count <= MostNamed
        ? string.Join(", ", names)
        : Speech.Of($"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more");
}
