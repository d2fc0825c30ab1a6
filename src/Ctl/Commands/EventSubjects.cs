using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary>What the history is asked of: nothing about a name that was mistyped would look like peace.</summary>
internal static class EventSubjects
{
    private const int MostTold = 12;

    /// <summary>What is wrong with the group and the host of a filter, each that is neither registered nor in the history: one line for each. Looked up here, where only names are
    /// known that whoever asks may see.</summary>
    internal static async Task<IReadOnlyList<string>> ProblemsAsync(CommandRunner.Call call, EventFilter filter)
    {
        var problems = new List<string>();
        if (filter.Group is { Length: > 0 } group && !await HasEventsAsync(call, new() { Group = group }).ConfigureAwait(false))
        {
            var groups = (await call.ControlPlane.Admin.ListGroupsAsync(new(), call.Short).ConfigureAwait(false)).Groups.Select(g => g.Group.Name).ToArray();
            if (!groups.Contains(group, StringComparer.Ordinal))
            {
                problems.Add(NearestName.Of(group, groups) is { } near
                    ? Speech.Of($"--group {group}: there is no such group, and the history knows none; did you mean {near}?")
                    : Speech.Of($"--group {group}: there is no such group, and the history knows none; known are {Few(groups)}"));
            }
        }
        if (filter.Host is { Length: > 0 } host && !await HasEventsAsync(call, new() { Host = host }).ConfigureAwait(false))
        {
            var hosts = (await call.ControlPlane.Admin.ListHostsAsync(new(), call.Short).ConfigureAwait(false)).Hosts.Select(h => h.Host.Name).ToArray();
            if (!hosts.Contains(host, StringComparer.Ordinal))
            {
                problems.Add(NearestName.Of(host, hosts) is { } near
                    ? Speech.Of($"--host {host}: there is no such host, and the history knows none; did you mean {near}?")
                    : Speech.Of($"--host {host}: there is no such host, and the history knows none; known are {Few(hosts)}"));
            }
        }
        return problems;
    }

    private static async Task<bool> HasEventsAsync(CommandRunner.Call call, EventFilter filter) =>
        (await call.ControlPlane.Admin.ListEventsAsync(new() { Filter = filter, Limit = 1 }, call.Short).ConfigureAwait(false)).Events.Count > 0;

    private static string Few(string[] names) => names.Length == 0 ? Speech.Of("none")
        : names.Length <= MostTold ? string.Join(", ", names.Order(StringComparer.Ordinal))
        : $"{string.Join(", ", names.Order(StringComparer.Ordinal).Take(MostTold))}, …";
}
