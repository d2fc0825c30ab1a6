using System.Globalization;
using Google.Protobuf.Collections;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>What an act would hit, for people.</summary>
internal static class PreviewLines
{
    private const int MostNamed = 8;

    internal static void Print(PreviewResponse seen, TextWriter output)
    {
        var demand = seen.Demand == GuardDemand.SecondApprover ? "confirmed, and approved by a second operator" : "confirmed";
        output.WriteLine($"{seen.Act} of {seen.Name} has to be {demand} ({seen.DemandedBy}). It hits:");
        foreach (var group in seen.Groups)
            output.WriteLine($"  {Line(group)}");
        if (seen.GroupCount > seen.Groups.Count)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {seen.GroupCount - seen.Groups.Count} more groups"));
        foreach (var note in seen.Notes)
            output.WriteLine($"  {note}");
        output.WriteLine($"  in all: {seen.Summary}");
    }

    private static string Line(GroupRadius group)
    {
        var owner = group.Owner.Length > 0
            ? string.Create(CultureInfo.InvariantCulture, $"on {group.Owner}, epoch {group.Epoch}")
            : "owned by nobody";
        var running = group.RunningCount == 0 ? "nothing runs" : $"{Count(group.RunningCount, "program")} running ({Some(group.Running)})";
        var vips = group.Vips.Count == 0 ? "no VIPs" : $"VIPs {Some(group.Vips)}";
        var clients = group.HasClients ? $"{Count(group.Clients, "client")} connected" : $"clients unknown ({group.ClientsProblem})";
        return $"{group.Group} {owner}: {running}; {vips}; {clients}";
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Some(RepeatedField<string> names) => names.Count <= MostNamed
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more");
}
