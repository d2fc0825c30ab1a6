using System.Collections.Concurrent;
using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>
/// Asks the backups of a group how ready they are as soon as a configuration has changed what they would take over: what they said before is about
/// something else. By themselves they look a little later, so that machines that share a file server do not ask it at the same time.
/// </summary>
/// <param name="tenure">The leadership that asks.</param>
/// <param name="desk">Asks.</param>
internal sealed class ReadinessAsks(Tenure tenure, RehearsalDesk desk)
{
    // Of one host for one change. It looks at the rest when it looks at everything, which is soon.
    private const int MostOfHost = 8;

    private readonly ConcurrentDictionary<(string Host, string Group), long> _newest = new();

    /// <summary>Asks until the leadership ends.</summary>
    public async Task RunAsync()
    {
        var before = tenure.Registry.Current;
        try
        {
            while (true)
            {
                var changed = tenure.Registry.Changed.Next;
                var now = tenure.Registry.Current;
                foreach (var (host, group) in await ConcernedAsync(before, now))
                    _ = AskAsync(host, group, now.ConfigurationRevision);
                before = now;
                await changed.WaitAsync(tenure.Term.Ended);
            }
        }
        catch (Exception e) when (tenure.Term.HasEnded && e is OperationCanceledException or RpcException)
        {
            // Nobody leads here any more.
        }
    }

    private async Task<IReadOnlyList<(AgentStream Host, string Group)>> ConcernedAsync(RegistrySnapshot before, RegistrySnapshot now)
    {
        if (now.ConfigurationRevision == before.ConfigurationRevision)
            return [];
        var (old, programs, oldPrograms) = (before.Groups.ToDictionary(g => g.Spec.Name, g => g.Revision, StringComparer.Ordinal), ProgramsOf(now), ProgramsOf(before));
        var groups = now.Lasting.Groups.Where(g => g.Spec.Mode != Core.Model.SupervisionMode.Observe).Where(g =>
            !old.TryGetValue(g.Spec.Name, out var revision) || revision != g.Revision || !programs[g.Spec.Name].SequenceEqual(oldPrograms[g.Spec.Name])).ToArray();
        return await tenure.Loop.RunAsync(() =>
        {
            var asked = groups.SelectMany(g => g.Spec.Members.Select(m => (m.Host, Group: g.Spec.Name)))
                .Where(pair => tenure.Loop.ReportGroup(pair.Group)?.Owner != pair.Host)
                .GroupBy(pair => pair.Host, StringComparer.Ordinal).SelectMany(host => host.Take(MostOfHost));
            return asked.Select(pair => (Host: tenure.Agents.Of(pair.Host), pair.Group)).Where(pair => pair.Host is { Rehearses: true })
                .Select(pair => (pair.Host!, pair.Group)).ToArray();
        });
    }

    private async Task AskAsync(AgentStream stream, string group, long revision)
    {
        _newest[(stream.Host, group)] = revision;
        try
        {
            var answer = await desk.RehearseAsync(stream, group, null, tenure.Term.Ended);
            // Of a later configuration there is, or will be, another answer.
            if (answer.Problem.Length > 0 || _newest.GetValueOrDefault((stream.Host, group)) != revision)
                return;
            var failing = answer.Findings.Where(f => f.Verdict is not (Verdict.Ok or Verdict.Warning)).ToArray();
            var readiness = new GroupReadiness { Group = group, Score = answer.Score, More = Math.Max(0, failing.Length - ObservedReadiness.MostFailing) };
            readiness.Failing.AddRange(failing);
            tenure.Readiness.Report(stream.Host, new() { Groups = { readiness } });
        }
        catch (OperationCanceledException)
        {
            // The leadership is over.
        }
    }

    private static ILookup<string, (string Name, long Revision)> ProgramsOf(RegistrySnapshot snapshot) =>
        snapshot.Programs.OrderBy(p => p.Spec.Name.Name, StringComparer.Ordinal).ToLookup(p => p.Spec.Name.Group, p => (p.Spec.Name.Name, p.Revision), StringComparer.Ordinal);
}
