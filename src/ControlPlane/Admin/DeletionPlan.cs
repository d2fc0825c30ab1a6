using System.Collections.Immutable;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using ProgramName = HaGrpc.Core.Model.ProgramName;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What an operator wants gone, looked up in what is registered.</summary>
internal sealed class DeletionPlan
{
    private readonly List<string> _refusals = [];

    /// <param name="request">What is named.</param>
    /// <param name="registered">What is registered, with what is being deleted.</param>
    public DeletionPlan(DeleteRequest request, RegistrySnapshot registered)
    {
        var stored = registered.Lasting;
        Groups = Find("group", request.Groups, stored.Groups.Select(g => g.Spec.Name), registered.Groups.Select(g => g.Spec.Name));
        Hosts = Find("host", request.Hosts, stored.Hosts.Select(h => h.Spec.Name), registered.Hosts.Select(h => h.Spec.Name));
        Programs = FindPrograms(request.Programs, stored);
        foreach (var host in Hosts)
        {
            var naming = stored.Groups.Select(g => g.Spec).Where(g => g.Members.Any(m => m.Host == host) && !Groups.Contains(g.Name)).Select(g => g.Name);
            if (string.Join(", ", naming) is { Length: > 0 } groups)
                _refusals.Add($"host/{host}: it is a member of {groups}: delete the group, or apply it without the host");
        }
        RefuseWhatIsWaitedFor(stored);
    }

    /// <summary>Groups that are registered and named.</summary>
    public ImmutableArray<string> Groups { get; }

    /// <summary>Hosts that are registered and named.</summary>
    public ImmutableArray<string> Hosts { get; }

    /// <summary>Processes of the programs that are named, without those whose group goes as well.</summary>
    public ImmutableArray<ProgramName> Programs { get; }

    /// <summary>Why not, one line for each reason; empty when all can go.</summary>
    public IReadOnlyList<string> Refusals => _refusals;

    /// <summary>What has to be written.</summary>
    /// <param name="reason">In the operator's words; may be empty.</param>
    public RegistryChanges Changes(string reason) => new()
    {
        DeletedPrograms = Programs,
        RetiredGroups = Groups,
        DeletedHosts = Hosts,
        Reason = reason,
        Cause = reason.Length > 0 ? $"delete: {reason}" : "delete",
    };

    private ImmutableArray<string> Find(string kind, IEnumerable<string> named, IEnumerable<string> lasting, IEnumerable<string> all)
    {
        var (known, going) = (lasting.ToHashSet(StringComparer.Ordinal), all.ToHashSet(StringComparer.Ordinal));
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var name in named.Distinct(StringComparer.Ordinal))
        {
            if (known.Contains(name))
                found.Add(name);
            else if (!going.Contains(name)) // What is being deleted is waited for.
                _refusals.Add($"{kind}/{name}: not registered{(NearestName.Of(name, known) is { } near ? $"; did you mean {near}?" : "")}");
        }
        return found.ToImmutable();
    }

    private ImmutableArray<ProgramName> FindPrograms(IEnumerable<string> named, RegistrySnapshot stored)
    {
        var all = stored.Programs.Select(p => p.Spec).ToArray();
        var found = new HashSet<ProgramName>();
        foreach (var name in named.Distinct(StringComparer.Ordinal))
        {
            var processes = all.Where(p => ProgramExpansion.TemplateOf(p).ToString() == name).Select(p => p.Name).ToArray();
            found.UnionWith(processes);
            if (processes.Length > 0)
                continue;
            var near = NearestName.Of(name, all.Select(p => ProgramExpansion.TemplateOf(p).ToString()).Distinct(StringComparer.Ordinal));
            _refusals.Add(all.FirstOrDefault(p => p.Name.ToString() == name) is { } process
                ? $"program/{name}: a process of {ProgramExpansion.TemplateOf(process)}: name that, or apply it with a smaller numprocs"
                : $"program/{name}: not registered{(near is null ? "" : $"; did you mean {near}?")}");
        }
        return [.. all.Select(p => p.Name).Where(p => found.Contains(p) && !Groups.Contains(p.Group))];
    }

    private void RefuseWhatIsWaitedFor(RegistrySnapshot stored)
    {
        var gone = Programs.ToHashSet();
        var touched = Programs.Select(p => p.Group).ToHashSet(StringComparer.Ordinal);
        var rest = stored.Programs.Select(p => p.Spec).Where(p => touched.Contains(p.Name.Group) && !gone.Contains(p.Name)).ToArray();
        var left = rest.Select(p => ProgramExpansion.TemplateOf(p)).ToHashSet();
        foreach (var waiting in rest.GroupBy(p => ProgramExpansion.TemplateOf(p)))
        {
            foreach (var name in waiting.First().After)
            {
                if (!left.Contains(waiting.Key with { Name = name }))
                    _refusals.Add($"program/{waiting.Key.Group}:{name}: {waiting.Key} starts after it: delete that too, or change its after");
            }
        }
    }
}
