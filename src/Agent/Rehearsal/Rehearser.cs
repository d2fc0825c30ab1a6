using System.Collections.Immutable;
using System.ComponentModel;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Core.Rehearsal.Trees;
using HaGrpc.Linux.Netlink;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Rehearses takeovers on this host: looks at everything that one needs, and touches nothing.</summary>
/// <param name="host">This host's name.</param>
/// <param name="time">Counts how long an answer may take.</param>
internal sealed class Rehearser(string host, TimeProvider time)
{
    private const int AtOnce = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ProgramLook _programs = new(host, new PatientAsk(Patience, time));

    /// <summary>Rehearses one group. What hangs delays it by 2 s, several programs at the same time.</summary>
    /// <param name="group">The group.</param>
    /// <param name="programs">Its programs; those that are not wanted to run are left out.</param>
    /// <param name="gateProblem">Why there is no gate; empty when there is one.</param>
    /// <param name="runs">True for a program that runs here already.</param>
    /// <param name="trees">How the group's directories compare with the owner's.</param>
    /// <returns>The findings, or why there are none.</returns>
    public async Task<(ImmutableArray<Finding> Findings, string Problem)> RehearseAsync(
        Group group,
        IEnumerable<ConfiguredProgram> programs,
        string gateProblem,
        Func<ProgramName, bool> runs,
        ImmutableArray<TreeComparison> trees)
    {
        try
        {
            var network = NetworkLook.Now();
            var wanted = programs.Where(p => p.Name.Group == group.Name && p.DesiredState == DesiredState.Running);
            var facts = ImmutableArray.CreateBuilder<ProgramFacts>();
            foreach (var some in wanted.Chunk(AtOnce))
                facts.AddRange(await Task.WhenAll(some.Select(p => _programs.AtAsync(p, runs(p.Name) ? null : network.Listening))));
            var scripts = group.Vips.Select(v => v.Script).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal);
            var found = new HostFacts(facts.ToImmutable(), network.Links, network.Addresses, gateProblem)
            {
                Scripts = [.. await Task.WhenAll(scripts.Select(_programs.ScriptAsync))],
                Trees = trees,
            };
            return (RehearsalJudge.Judge(group, found), "");
        }
        catch (Exception e) when (e is Win32Exception or NetlinkException or IOException or UnauthorizedAccessException)
        {
            return ([], e.Message);
        }
    }
}
