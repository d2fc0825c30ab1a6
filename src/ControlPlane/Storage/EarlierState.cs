using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HostSpec = HaGrpc.Core.Model.Host;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>What was registered after an earlier revision: today's registry, without what is being deleted, with everything undone that came
/// since.</summary>
internal sealed class EarlierState
{
    private readonly Dictionary<string, string?> _before = new(StringComparer.Ordinal);
    private readonly RegistrySnapshot _stored;

    /// <param name="since">What was changed since, oldest first.</param>
    /// <param name="stored">What is registered now.</param>
    public EarlierState(IEnumerable<RevisionChange> since, RegistrySnapshot stored)
    {
        _stored = stored.Lasting;
        // The first change of an object since then is the one that knows what it was.
        foreach (var change in since)
            _ = _before.TryAdd(change.Object, change.Before);
        Hosts = Whole("host", _stored.Hosts.Select(h => h.Spec), h => h.Name, StoredJson.Host, h => h.Name);
        Groups = Whole("group", _stored.Groups.Select(g => g.Spec), g => g.Name, StoredJson.Group, g => g.Name);
        Programs = Whole("program", _stored.Programs.Select(p => p.Spec), p => $"{p.Name}", Program, p => $"{p.Name.Group}\n{p.Name.Name}");
    }

    /// <summary>All hosts of then.</summary>
    public ImmutableArray<HostSpec> Hosts { get; }

    /// <summary>All groups of then.</summary>
    public ImmutableArray<Group> Groups { get; }

    /// <summary>All processes of then. What operators have asked of them since stands; of those that are gone, what autostart says.</summary>
    public ImmutableArray<ProgramSpec> Programs { get; }

    /// <summary>What has to be written to have that state again.</summary>
    public RegistryChanges Changes => new()
    {
        Hosts = [.. Hosts.Where(h => _before.ContainsKey($"host/{h.Name}"))],
        Groups = [.. Groups.Where(g => _before.ContainsKey($"group/{g.Name}"))],
        Programs = [.. Programs.Where(p => _before.ContainsKey($"program/{p.Name}"))],
        // What belongs to a group that goes, goes with it.
        Surplus =
        [
            .. _stored.Programs.Select(p => p.Spec.Name).Except(Programs.Select(p => p.Name)).Where(p => !NewGroups.Contains(p.Group)),
        ],
        RetiredGroups = NewGroups,
        DeletedHosts = [.. _stored.Hosts.Select(h => h.Spec.Name).Except(Hosts.Select(h => h.Name))],
    };

    /// <summary>Groups that did not exist then.</summary>
    private ImmutableArray<string> NewGroups => [.. _stored.Groups.Select(g => g.Spec.Name).Except(Groups.Select(g => g.Name))];

    private ImmutableArray<T> Whole<T>(string kind, IEnumerable<T> now, Func<T, string> nameOf, Func<string, T> read, Func<T, string> order)
    {
        var known = now.ToDictionary(nameOf, StringComparer.Ordinal);
        foreach (var (name, document) in _before.Where(b => b.Key.StartsWith($"{kind}/", StringComparison.Ordinal)))
        {
            var own = name[(kind.Length + 1)..];
            if (document is null)
                _ = known.Remove(own);
            else
                known[own] = read(document);
        }
        return [.. known.Values.OrderBy(order, StringComparer.Ordinal)];
    }

    private ProgramSpec Program(string document)
    {
        var program = StoredJson.Program(document, nameof(DesiredState.Running), 0);
        var stored = _stored.Programs.FirstOrDefault(p => p.Spec.Name == program.Name)?.Spec;
        return program with
        {
            DesiredState = stored?.DesiredState ?? (program.Autostart ? DesiredState.Running : DesiredState.Stopped),
            RestartGeneration = stored?.RestartGeneration ?? 0,
        };
    }
}
