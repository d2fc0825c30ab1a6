using System.Net;

namespace HaGrpc.Core.Model.Validation;

/// <summary>What may be there only once: names, and addresses over all groups.</summary>
internal static class UniqueRules
{
    internal static void Check(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        Names(request.Hosts.Select(host => host.Name), "hosts", "host", errors);
        Names(request.Groups.Select(group => group.Name), "groups", "group", errors);
        Names(request.Programs.Select(program => program.Name.Name.Length == 0 ? "" : program.Name.ToString()),
            "programs", "program", errors);
        Vips(request, stored, errors);
    }

    private static void Names(IEnumerable<string> names, string path, string kind, ICollection<FieldError> errors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var index = 0;
        foreach (var name in names)
        {
            // A missing name is an error of its own.
            if (name.Length > 0 && !seen.TryAdd(name, index))
                errors.Add(new($"{path}[{index}].name", name, $"duplicate name: {path}[{seen[name]}] is this {kind} too"));
            index++;
        }
    }

    /// <summary>Two groups with one address would be two owners of it as soon as they run on two hosts.</summary>
    private static void Vips(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        var holders = new Dictionary<IPAddress, string>();
        var replaced = request.Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in stored?.Groups ?? [])
        {
            if (replaced.Contains(group.Name))
                continue;
            foreach (var vip in group.Vips)
            {
                if (IpPrefix.TryParse(vip.Address, out var prefix) && prefix is not null)
                    holders[prefix.Address] = $"group {group.Name} (stored) has this address already";
            }
        }
        for (var g = 0; g < request.Groups.Length; g++)
        {
            var group = request.Groups[g];
            for (var v = 0; v < group.Vips.Length; v++)
            {
                if (!IpPrefix.TryParse(group.Vips[v].Address, out var prefix) || prefix is null)
                    continue;
                if (!holders.TryAdd(prefix.Address, $"groups[{g}].vips[{v}] of group {group.Name} has this address already"))
                    errors.Add(new($"groups[{g}].vips[{v}].address", group.Vips[v].Address, holders[prefix.Address]));
            }
        }
    }
}
