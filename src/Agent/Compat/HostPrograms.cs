using System.Collections.Immutable;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Compat;
using HaGrpc.V1;
using ConfiguredProgram = HaGrpc.Core.Model.Program;
using RunOn = HaGrpc.Core.Model.RunOn;

namespace HaGrpc.Agent.Compat;

/// <summary>What Supervisor's clients see of this host: every configured program, in order of group and name, but for groups that were
/// removed by <c>supervisorctl remove</c>. As with Supervisor, that lasts until they are added again or the agent is restarted.</summary>
/// <param name="loop">Knows configuration and leases.</param>
/// <param name="programs">Knows states.</param>
/// <param name="watch">Knows times.</param>
/// <param name="asks">Reaches the control plane, which knows the owners.</param>
/// <param name="time">Bounds waits.</param>
internal sealed class HostPrograms(
    OwnershipLoop loop, ProgramHost programs, StateWatch watch, DesiredStateAsks asks, TimeProvider time)
{
    private static readonly TimeSpan LoopPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PlanePatience = TimeSpan.FromSeconds(1);
    private ImmutableHashSet<string> _removed = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Groups that were removed and are still configured.</summary>
    public IReadOnlyList<string> Removed => [.. loop.Programs.Select(p => p.Name.Group).Distinct().Where(_removed.Contains)];

    /// <summary>Every program that was not removed.</summary>
    public async Task<ImmutableArray<ProgramView>> LookAsync() =>
        [.. (await LookAtAllAsync()).Where(p => !_removed.Contains(p.Name.Group))];

    /// <summary>Every program.</summary>
    /// <exception cref="FaultException">The agent cannot tell.</exception>
    public async Task<ImmutableArray<ProgramView>> LookAtAllAsync()
    {
        var configured = loop.Programs.OrderBy(p => p.Name.Group, StringComparer.Ordinal)
            .ThenBy(p => p.Name.Name, StringComparer.Ordinal).ToArray();
        ImmutableDictionary<string, long> acting;
        try
        {
            acting = await loop.ActingAsync().WaitAsync(LoopPatience, time);
        }
        catch (TimeoutException)
        {
            throw new FaultException(FaultCode.Failed, "the agent does not decide any more: its log says why");
        }
        var answer = configured.All(p => p.RunOn == RunOn.All || acting.ContainsKey(p.Name.Group))
            ? null
            : await asks.AskAsync(new DesiredStateAsked(), PlanePatience);
        var observed = programs.Snapshot().ToDictionary(o => o.Name);
        return
        [
            .. configured.Select(program =>
            {
                _ = observed.TryGetValue(program.Name, out var seen);
                return new ProgramView(
                    program, seen, HoldOf(program, acting, answer), seen is null ? default : watch.TimesOf(seen));
            }),
        ];
    }

    /// <summary>The programs that a name stands for: one, or those of a group.</summary>
    /// <param name="name"><c>GROUP:NAME</c>, <c>NAME</c> for a group's program of the same name, <c>GROUP:*</c> or <c>GROUP:</c>.</param>
    /// <exception cref="FaultException">BAD_NAME.</exception>
    public async Task<ImmutableArray<ProgramView>> FindAsync(string name)
    {
        var (group, program) = Split(name);
        var found = (await LookAsync()).Where(p => p.Name.Group == group && (program is null || p.Name.Name == program)).ToImmutableArray();
        return found.IsEmpty ? throw new FaultException(FaultCode.BadName, name) : found;
    }

    /// <summary>The one program of this name.</summary>
    /// <exception cref="FaultException">BAD_NAME: none, or a group.</exception>
    public async Task<ProgramView> OneAsync(string name) =>
        IsGroup(name) ? throw new FaultException(FaultCode.BadName, name) : (await FindAsync(name))[0];

    /// <summary>True when the name stands for a whole group.</summary>
    public static bool IsGroup(string name) => Split(name).Program is null;

    /// <summary>Hides a group.</summary>
    public void Remove(string group) => ImmutableInterlocked.Update(ref _removed, removed => removed.Add(group));

    /// <summary>Shows a group again, its programs as new as Supervisor's would be; false when it was not hidden.</summary>
    public bool Add(string group)
    {
        var was = _removed.Contains(group);
        if (was)
        {
            foreach (var program in loop.Programs.Select(p => p.Name).Where(name => name.Group == group))
                watch.Renew(program);
        }
        ImmutableInterlocked.Update(ref _removed, removed => removed.Remove(group));
        return was;
    }

    private static GroupHold HoldOf(ConfiguredProgram program, ImmutableDictionary<string, long> acting, DesiredStateAnswer? answer)
    {
        var group = program.Name.Group;
        if (program.RunOn == RunOn.All)
            return new GroupHold(true, 0, "", false);
        if (acting.TryGetValue(group, out var epoch))
            return new GroupHold(true, epoch, "", false);
        var owner = "";
        _ = answer?.Owners.TryGetValue(group, out owner);
        return new GroupHold(false, 0, owner ?? "", answer is not null);
    }

    private static (string Group, string? Program) Split(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return (name, name);
        var program = name[(colon + 1)..];
        return (name[..colon], program is "" or "*" ? null : program);
    }
}
