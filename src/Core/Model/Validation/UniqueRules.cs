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
        Processes(request, stored, errors);
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

    /// <summary>Names of processes that are not the names of their programs can meet others.</summary>
    private static void Processes(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        var holders = new Dictionary<ProgramName, ProgramName>();
        var replaced = request.Programs.Select(program => program.Name).ToHashSet();
        foreach (var old in stored?.KnownPrograms ?? [])
        {
            if (!replaced.Contains(ProgramExpansion.TemplateOf(old)))
                holders[old.Name] = ProgramExpansion.TemplateOf(old);
        }
        for (var p = 0; p < request.Programs.Length; p++)
        {
            var program = request.Programs[p];
            foreach (var process in ProgramExpansion.Of(program))
            {
                if (holders.TryAdd(process.Name, program.Name) || holders[process.Name] == program.Name)
                    continue;
                var isRenamed = process.Name != program.Name;
                errors.Add(new($"programs[{p}].{(isRenamed ? "process_name" : "name")}", isRenamed ? program.ProcessName : program.Name.Name,
                    $"process {process.Name} is one of program {holders[process.Name]} already"));
                break;
            }
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
