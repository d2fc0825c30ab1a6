namespace HaGrpc.Core.Model.Validation;

/// <summary>Groups that require fencing, and the devices of their members' hosts. A group without them would wait for a person with its
/// first failover, which is seen too late.</summary>
internal static class FencingRules
{
    internal static void Check(ModelSet request, ModelSet stored, ICollection<FieldError> errors)
    {
        var brought = request.Hosts.Select(h => h.Name).ToHashSet(StringComparer.Ordinal);
        var hosts = request.Hosts.Concat(stored.Hosts.Where(h => !brought.Contains(h.Name)))
            .GroupBy(h => h.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        for (var g = 0; g < request.Groups.Length; g++)
        {
            var group = request.Groups[g];
            for (var m = 0; m < group.Members.Length && group.Fencing == Fencing.Required; m++)
            {
                // A host that is not known is an error of its own.
                if (hosts.TryGetValue(group.Members[m].Host, out var host) && host.Fence is null)
                {
                    errors.Add(new($"groups[{g}].members[{m}].host", host.Name,
                        "it has no fence device, and the group has fencing: required: give the host a fence, or set fencing: off"));
                }
            }
        }
        var replaced = request.Groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        for (var h = 0; h < request.Hosts.Length; h++)
        {
            var host = request.Hosts[h];
            var needing = stored.Groups.Where(g => g.Fencing == Fencing.Required && !replaced.Contains(g.Name)
                && g.Members.Any(m => m.Host == host.Name)).Select(g => g.Name);
            if (host.Fence is null && string.Join(", ", needing) is { Length: > 0 } groups)
                errors.Add(new($"hosts[{h}].fence", "", $"must be given: it is a member of {groups}, with fencing: required"));
        }
    }
}
