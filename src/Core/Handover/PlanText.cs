using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>Says what a hand-over would do on a host, for people.</summary>
public static class PlanText
{
    /// <summary>One line for each thing.</summary>
    /// <param name="group">The group.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="sight">What the host sees.</param>
    /// <param name="takesAddresses">False when the group is ours already, and with it its addresses.</param>
    public static IEnumerable<string> Of(Group group, AdoptionPlan plan, HostSight sight, bool takesAddresses)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(sight);
        if (sight.Problem.Length > 0)
        {
            yield return sight.Problem;
            yield break;
        }
        var isFirst = sight.Host == plan.Host;
        foreach (var program in plan.Programs)
        {
            var own = program.Processes.FirstOrDefault(p => p.Host == sight.Host);
            if (own is not null)
                yield return string.Create(CultureInfo.InvariantCulture, $"would adopt pid {own.Pid} as {program.Name}");
            else if (sight.Of(program.Name) is { Processes.Length: > 1 } several)
                yield return string.Create(CultureInfo.InvariantCulture, $"cannot tell which of {several.Processes.Length} processes is {program.Name}: pids {string.Join(", ", several.Processes.Select(p => p.Pid))}");
            else if (isFirst && program.Processes.IsEmpty)
                yield return $"{program.Name}: {program.Outcome.Replace("starts it", "would start it", StringComparison.Ordinal)}";
        }
        foreach (var vip in takesAddresses ? group.Vips : [])
        {
            var found = sight.Addresses.FirstOrDefault(a => a.Vip == vip)?.FoundOn ?? "";
            if (isFirst)
                yield return found.Length > 0 ? $"would keep {vip.Address} on {found}, and announce it" : $"would add {vip.Address} to {vip.Interface}, and announce it";
            else if (found.Length > 0)
                yield return $"has {vip.Address} on {found}";
        }
        if (!isFirst)
            yield return "would stand by";
    }
}
