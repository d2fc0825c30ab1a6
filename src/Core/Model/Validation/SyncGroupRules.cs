using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>Groups of one sync group: what decides where each of them is must be the same, or they would be drawn apart again and again.</summary>
internal static class SyncGroupRules
{
    internal static void Check(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        var replaced = request.Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        var firsts = new Dictionary<string, Group>(StringComparer.Ordinal);
        foreach (var old in stored?.Groups ?? [])
        {
            if (old.SyncGroup.Length > 0 && !replaced.Contains(old.Name))
                _ = firsts.TryAdd(old.SyncGroup, old);
        }
        for (var g = 0; g < request.Groups.Length; g++)
        {
            var group = request.Groups[g];
            if (group.SyncGroup.Length > 0 && !firsts.TryAdd(group.SyncGroup, group))
                Compare(group, firsts[group.SyncGroup], $"groups[{g}]", errors);
        }
    }

    private static void Compare(Group group, Group first, string path, ICollection<FieldError> errors)
    {
        One("members", Members(group), Members(first));
        One("failback", Failback(group), Failback(first));
        One("timing", Timing(group), Timing(first));

        void One(string field, string own, string its)
        {
            if (own != its)
                errors.Add(new($"{path}.{field}", own, $"the same for all groups of sync group {group.SyncGroup}: group {first.Name} has {its}"));
        }
    }

    private static string Members(Group group) => string.Join(", ", group.Members
        .OrderBy(member => member.Host, StringComparer.Ordinal)
        .Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Host} ({member.Priority})")));

    private static string Failback(Group group) => group.Failback.Mode == FailbackMode.Manual
        ? "manual"
        : $"automatic after {DurationText.Format(group.Failback.Delay)}{(group.Failback.Window is { } window ? $" at {window}" : "")}";

    private static string Timing(Group group)
    {
        var timing = group.Timing;
        return $"ttl {DurationText.Format(timing.Ttl)}, heartbeat {DurationText.Format(timing.Heartbeat)}, "
            + $"takeover_margin {DurationText.Format(timing.TakeoverMargin)}, solo_ttl {DurationText.Format(timing.SoloTtl)}";
    }
}
