using HaGrpc.Core.Access;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>One event as a line, with its steps below it.</summary>
internal static class EventLines
{
    internal static void Print(Event item, TextWriter output, TimeProvider time)
    {
        var at = item.At is null ? "-" : Times.Full(item.At, time);
        var subject = (item.Group, item.Program) switch
        {
            ("", "") => "-",
            (var group, "") => group,
            var (group, program) => $"{group}:{program}",
        };
        var host = item.Host.Length > 0 ? item.Host : "-";
        var epoch = item.Epoch > 0 ? Speech.Of($" [epoch {item.Epoch}]") : "";
        var actor = item.Actor.Length > 0 ? Speech.Of($" (by {ActorName.Shown(item.Actor)})") : "";
        output.WriteLine($"{at}  {item.Kind,-20}  {subject,-20}  {host,-10}  {item.Message}{epoch}{actor}");
        Timeline.Print(item.Steps, output, "    ");
    }
}
