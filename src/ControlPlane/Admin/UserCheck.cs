using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Finds users of programs, hooks and checks that a host which would run them does not have. A host that is not connected is not asked; what it
/// lacks shows when it starts the program.</summary>
internal sealed class UserCheck(AccountDesk accounts)
{
    /// <summary>One error for each program, hook and check whose user is missing somewhere.</summary>
    /// <param name="model">What is to be registered.</param>
    /// <param name="tenure">Knows the hosts.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<FieldError>> ErrorsAsync(ModelSet model, Tenure tenure, CancellationToken ct)
    {
        var groups = tenure.Registry.Current.Groups.Select(g => g.Spec).Concat(model.Groups)
            .GroupBy(g => g.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var hooks = model.Groups.SelectMany((group, g) =>
            group.Hooks.Select((hook, h) => (hook.User, Path: $"groups[{g}].hooks[{h}].user", Hosts: HostsOf(group.Name, groups))));
        var checks = model.Groups.SelectMany((group, g) =>
            group.Checks.Select((check, c) => (check.User, Path: $"groups[{g}].checks[{c}].user", Hosts: HostsOf(group.Name, groups))));
        var wanted = hooks
            .Concat(checks)
            .Concat(model.Programs.Select((program, index) =>
                (program.User, Path: $"programs[{index}].user", Hosts: HostsOf(program.Name.Group, groups))))
            .Where(w => w.User.Length > 0)
            .ToArray();
        var hosts = wanted.SelectMany(w => w.Hosts.Select(host => (Host: host, w.User)))
            .ToLookup(w => w.Host, w => w.User, StringComparer.Ordinal);
        var streams = await tenure.Loop.RunAsync(() => hosts.Select(h => tenure.Agents.Of(h.Key)).OfType<AgentStream>().ToArray());
        var unknown = await Task.WhenAll(streams.Select(async stream =>
            (stream.Host, Users: (await accounts.UnknownAsync(stream, hosts[stream.Host].Distinct(), ct)).ToHashSet(StringComparer.Ordinal))));
        return
        [
            .. wanted.Select(w => (w.Path, w.User, Hosts: unknown.Where(u => w.Hosts.Contains(u.Host) && u.Users.Contains(w.User)).Select(u => u.Host)
                    .Order(StringComparer.Ordinal).ToArray()))
                .Where(w => w.Hosts.Length > 0)
                .Select(w => new FieldError(
                    w.Path,
                    w.User,
                    $"no such user on {(w.Hosts.Length == 1 ? "host" : "hosts")} {string.Join(", ", w.Hosts)}: create it there, or name one that every member has")),
        ];
    }

    private static string[] HostsOf(string name, Dictionary<string, Group> groups) =>
        groups.TryGetValue(name, out var group) ? [.. group.Members.Select(m => m.Host)] : [];
}
