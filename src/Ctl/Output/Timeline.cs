using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>The steps of a promotion or release, in the order in which they began.</summary>
internal static class Timeline
{
    internal static void Print(IEnumerable<Step> steps, TextWriter output, string indent = "  ")
    {
        foreach (var step in steps.OrderBy(step => Times.Seconds(step.Offset) ?? 0))
        {
            var error = step.Error.Length > 0 ? Speech.Of($"  FAILED: {step.Error}") : "";
            output.WriteLine($"{indent}+{Number(step.Offset),8}  {Number(step.Duration),8}  {step.Name}{error}");
        }
    }

    private static string Number(Duration? duration) =>
        (Times.Seconds(duration) ?? 0).ToString("F3", CultureInfo.InvariantCulture);
}
