using System.Collections.Immutable;
using System.ComponentModel;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Core.Handover;
using HaGrpc.Linux;
using HaGrpc.Linux.Netlink;
using HaGrpc.V1;
using ConfiguredProgram = HaGrpc.Core.Model.Program;
using Finding = HaGrpc.Core.Rehearsal.Finding;
using Group = HaGrpc.Core.Model.Group;
using ProgramName = HaGrpc.Core.Model.ProgramName;
using Verdict = HaGrpc.Core.Rehearsal.Verdict;

namespace HaGrpc.Agent.Handover;

/// <summary>Says what this host sees of a group that is to be handed over, and what a hand-over would find here. Touches nothing.</summary>
/// <param name="options">This agent.</param>
/// <param name="boot">The boot of its kernel.</param>
/// <param name="loop">Knows what is configured.</param>
/// <param name="programs">Knows what runs.</param>
/// <param name="rehearsals">Knows what a takeover needs.</param>
/// <param name="time">Counts how long an answer may take.</param>
internal sealed class HandoverLook(AgentOptions options, Guid boot, OwnershipLoop loop, ProgramHost programs, HostRehearsals rehearsals, TimeProvider time)
{
    private const int MostFindings = 1000;
    private const int LongestCommand = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Finds processes.</summary>
    public ProcessLook Processes { get; } = new(options.Host, new PatientAsk(Patience, time));

    /// <summary>The answer to a question of the control plane.</summary>
    public async Task<Observed> AnswerAsync(ObservationAsked asked)
    {
        var answer = new Observed { Id = asked.Id, BootId = boot.ToString() };
        var groups = loop.Groups.Concat(loop.Observed.Groups);
        if (groups.FirstOrDefault(g => g.Name == asked.Group) is not { } group)
        {
            answer.Problem = $"this host knows no group '{asked.Group}' yet";
            return answer;
        }
        try
        {
            await LookAsync(group, asked.Preflight, answer);
        }
        catch (Exception e) when (e is Win32Exception or NetlinkException or IOException or UnauthorizedAccessException)
        {
            answer.Problem = e.Message;
        }
        return answer;
    }

    private async Task LookAsync(Group group, bool preflight, Observed answer)
    {
        var watched = loop.Observed.Programs.Where(p => p.Name.Group == group.Name).ToArray();
        var all = ProcessLook.Now();
        var found = new List<(ConfiguredProgram Program, IReadOnlyList<ProcessFact> Processes, string Problem)>();
        foreach (var program in watched)
        {
            var (processes, problem) = await Processes.FindAsync(program, all);
            found.Add((program, processes, problem));
            answer.Programs.Add(ToProto(program.Name, processes, problem, all));
        }
        var here = AddressesOf(group);
        answer.Addresses.AddRange(here.Select(a => new ObservedAddress
        {
            Address = a.Vip.Address,
            Interface = a.Vip.Interface,
            FoundOn = a.FoundOn,
            PrefixLength = a.PrefixLength,
        }));
        var hasAddress = here.Any(a => a.FoundOn.Length > 0);
        var rivals = group.Vips.IsEmpty ? [] : AddressRival.In(all);
        answer.Rivals.AddRange(rivals.Select(r => new Rival { Pid = r.Head.Pid, Name = r.Head.Name, Advice = FormerSupervisor.AdviceOf(r, hasAddress) }));
        answer.WallClockMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        answer.TimeZone = TimeZoneInfo.Local.Id;
        if (!preflight)
            return;
        var runElsewhere = found.Where(f => f.Processes.Count > 0).Select(f => f.Program.Name).ToArray();
        var (findings, wrong) = await rehearsals.LookAsync(group, runElsewhere);
        var facts = await HostLook.NowAsync(options, loop.Programs.Concat(loop.Observed.Programs).Where(p => p.Name.Group == group.Name), group);
        var sight = new HostSight(
            options.Host,
            "",
            boot,
            [.. found.Select(f => new ProgramSight(f.Program.Name, [.. f.Processes.Select(p => SightOf(p, all))], f.Problem))],
            here);
        var isOwner = (await loop.ActingAsync()).ContainsKey(group.Name);
        // An address that is here and not by us is held by somebody, whatever a file says by now.
        var known = hasAddress && !isOwner ? rivals : [.. rivals.Select(r => r with { Configuration = RivalReading.Of(r) })];
        ImmutableArray<Finding> judged =
        [
            .. wrong.Length > 0 ? [new Finding("host", options.Host, Verdict.Fails, $"it cannot be looked at: {wrong}")] : findings,
            .. PreflightJudge.Judge(group, sight, known, ParentsOf(group, all), facts),
        ];
        answer.Findings.AddRange(PreflightJudge.Settle(group, sight, isOwner, judged)
            .OrderByDescending(f => f.Verdict).Take(MostFindings).Select(RehearsalMapping.ToProto));
    }

    private static ImmutableArray<AddressSight> AddressesOf(Group group)
    {
        if (group.Vips.IsEmpty)
            return [];
        using var route = new RouteNetlink();
        var links = route.DumpLinks().ToDictionary(l => l.Index, l => l.Name);
        var addresses = route.DumpAddresses();
        return
        [
            .. group.Vips.Select(vip =>
            {
                // On its own interface first: somewhere else it is only worth a word.
                var entry = addresses.Where(a => a.Address.ToString() == vip.BareAddress)
                    .OrderByDescending(a => links.GetValueOrDefault(a.InterfaceIndex) == vip.Interface).Cast<Linux.Addresses.AddressEntry?>().FirstOrDefault();
                return entry is { } there
                    ? new AddressSight(vip, links.GetValueOrDefault(there.InterfaceIndex, "?"), there.PrefixLength)
                    : new AddressSight(vip, "", 0);
            }),
        ];
    }

    private ImmutableArray<FormerParent> ParentsOf(Group group, Dictionary<int, ProcessFact> all)
    {
        var found = ImmutableArray.CreateBuilder<FormerParent>();
        foreach (var program in programs.Snapshot().Where(p => p.Name.Group == group.Name && all.ContainsKey(p.Pid)))
        {
            if (SightOf(all[program.Pid], all) is { ParentRestarts: true } sight)
                found.Add(new(program.Name, sight.Pid, sight.Parent, sight.ParentPid));
        }
        return found.ToImmutable();
    }

    private static ProcessSight SightOf(ProcessFact process, Dictionary<int, ProcessFact> all) =>
        all.TryGetValue(process.ParentPid, out var parent)
            ? new(process.Pid, process.StartTime, parent.Name, parent.Pid, FormerSupervisor.Restarts(parent))
            : new(process.Pid, process.StartTime, "", process.ParentPid, false);

    private static ObservedProcesses ToProto(
        ProgramName name, IReadOnlyList<ProcessFact> processes, string problem, Dictionary<int, ProcessFact> all)
    {
        var proto = new ObservedProcesses { Program = name.ToString(), Problem = problem, IsObserved = true };
        foreach (var process in processes)
        {
            var sight = SightOf(process, all);
            var line = process.CommandLine;
            proto.Processes.Add(new ObservedProcess
            {
                Pid = process.Pid,
                StartTime = process.StartTime,
                Command = line.Length <= LongestCommand ? line : line[..LongestCommand],
                User = $"{process.Uid}",
                ParentPid = sight.ParentPid,
                Parent = sight.Parent,
                ParentRestarts = sight.ParentRestarts,
                IsPiped = process.IsPipedToParent,
            });
        }
        return proto;
    }
}
