using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;
using ProgramSpec = HaGrpc.Core.Model.Program;
using SupervisionMode = HaGrpc.Core.Model.SupervisionMode;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What is only observed, in the lists of operators.</summary>
internal static class ObservedLists
{
    private const string NotSeen = "not looked at: its agent is not connected";

    /// <summary>Whether somebody else runs a program.</summary>
    public static bool IsObserved(RegistrySnapshot registry, ProgramSpec program) => program.Mode == SupervisionMode.Observe
        || registry.Groups.Any(g => g.Spec.Name == program.Name.Group && g.Spec.Mode == SupervisionMode.Observe);

    /// <summary>A group that is observed: nobody owns it, and nothing becomes of that. On the loop's thread.</summary>
    public static GroupStatus Of(Tenure tenure, RegistrySnapshot registry, Group group)
    {
        var programs = registry.Programs.Select(p => p.Spec).Where(p => p.Name.Group == group.Name).ToArray();
        var found = group.Members.Select(m => m.Host)
            .Select(host => (Host: host, Count: programs.Count(p => tenure.Agents.Of(host) is not null && tenure.Programs.Of(host, p.Name) is { Pid: > 0 })))
            .Where(h => h.Count > 0).Select(h => $"{h.Count} of {programs.Length} programs run on {h.Host}").ToArray();
        var seen = found.Length > 0 ? string.Join(", ", found) : programs.Length > 0 ? "none of its programs was found" : "it has no programs";
        var status = new GroupStatus
        {
            Group = group.ToProto(),
            Phase = "Observed",
            Detail = $"only observed: {seen}; see hactl observe {group.Name}",
        };
        status.Locks.AddRange(tenure.Registry.LocksOf(group).Select(LockCalls.ToProto));
        return status;
    }

    /// <summary>What is still to be handed over of a group that is ours; nothing when all is.</summary>
    public static IEnumerable<string> Remaining(RegistrySnapshot registry, Group group)
    {
        var remaining = registry.Programs.Select(p => p.Spec)
            .Where(p => p.Name.Group == group.Name && p.Mode == SupervisionMode.Observe).Select(p => p.Name.Name).ToArray();
        if (remaining.Length > 0)
            yield return $"only observed: {string.Join(", ", remaining)}; hactl adopt {group.Name} hands over what is left";
    }

    /// <summary>The lines of a program, one for each member of its group.</summary>
    public static IEnumerable<ProgramLine> Of(Tenure tenure, ProgramSpec program)
    {
        var members = tenure.Registry.Current.Groups.First(g => g.Spec.Name == program.Name.Group).Spec.Members;
        foreach (var host in members.OrderByDescending(m => m.Priority).Select(m => m.Host))
        {
            var said = tenure.Programs.Of(host, program.Name);
            yield return new ProgramLine
            {
                Program = program.ToProto(),
                Host = host,
                Status = said is { State: ProgramState.Observed } ? said : new()
                {
                    Group = program.Name.Group,
                    Name = program.Name.Name,
                    State = ProgramState.Observed,
                    Detail = NotSeen,
                },
            };
        }
    }
}
