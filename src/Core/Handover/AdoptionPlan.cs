using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Handover;

/// <summary>What becomes of a program that is handed over.</summary>
/// <param name="Name">The program.</param>
/// <param name="Processes">The processes that are taken over: one, or one on each member for what runs on all. None: it is started when it
/// is wanted.</param>
/// <param name="Outcome">For the operator.</param>
public sealed record HandedProgram(ProgramName Name, ImmutableArray<HandedProcess> Processes, string Outcome);

/// <summary>
/// How a group, or some of its programs, would be handed over: to the one host that has it, with exactly the processes that run there, and not
/// at all while two hosts have a part of it or somebody would work against it.
/// </summary>
/// <param name="Host">The first owner; empty when none can be chosen.</param>
/// <param name="Programs">What becomes of each program.</param>
/// <param name="Obstacles">What stands against it, everything at once; none: it may be done.</param>
public sealed record AdoptionPlan(string Host, ImmutableArray<HandedProgram> Programs, ImmutableArray<string> Obstacles)
{
    /// <summary>Makes the plan.</summary>
    /// <param name="group">The group.</param>
    /// <param name="programs">The programs that are handed over.</param>
    /// <param name="sights">What the members see.</param>
    /// <param name="owner">The group's owner when it is managed already; empty when it is observed.</param>
    /// <param name="wanted">The host that an operator names; empty for the one that has the most.</param>
    /// <param name="force">True: a living parent that would start them again is no obstacle.</param>
    public static AdoptionPlan Of(
        Group group, ImmutableArray<Program> programs, ImmutableArray<HostSight> sights, string owner, string wanted, bool force)
    {
        ArgumentNullException.ThrowIfNull(group);
        var host = owner.Length > 0 ? owner : wanted.Length > 0 ? wanted : Choose(programs, sights);
        var obstacles = ImmutableArray.CreateBuilder<string>();
        if (owner.Length > 0 && wanted.Length > 0 && wanted != owner)
            obstacles.Add($"{owner} owns {group.Name} already: {wanted} cannot be its first owner");
        if (sights.FirstOrDefault(s => s.Host == host) is not { } there)
        {
            obstacles.Add(host.Length == 0
                ? $"no member of {group.Name} could be asked"
                : $"{host} is no member of {group.Name}; its members are {string.Join(", ", sights.Select(s => s.Host))}");
            return new(host, [], obstacles.ToImmutable());
        }
        foreach (var blind in sights.Where(s => s.Problem.Length > 0))
            obstacles.Add($"{blind.Host} cannot be asked what it has of {group.Name}: {blind.Problem}");
        if (owner.Length == 0)
            obstacles.AddRange(AddressObstacles(group, there, sights));
        var handed = programs.Select(program => Hand(program, there, sights, force, obstacles)).ToImmutableArray();
        return new(host, handed, obstacles.ToImmutable());
    }

    /// <summary>The host that has the most processes and addresses; among equals, and when there is nothing anywhere, the first by priority.</summary>
    private static string Choose(ImmutableArray<Program> programs, ImmutableArray<HostSight> sights)
    {
        var names = programs.Where(p => p.RunOn == RunOn.Owner).Select(p => p.Name).ToHashSet();
        return sights.Where(s => s.Problem.Length == 0)
            .MaxBy(s => s.Programs.Count(p => names.Contains(p.Name) && !p.Processes.IsEmpty) + s.Addresses.Count(a => a.FoundOn.Length > 0))
            ?.Host ?? "";
    }

    private static IEnumerable<string> AddressObstacles(Group group, HostSight there, ImmutableArray<HostSight> sights)
    {
        foreach (var vip in group.Vips)
        {
            foreach (var other in sights.Where(s => s.Host != there.Host))
            {
                if (other.Addresses.Any(a => a.Vip == vip && a.FoundOn.Length > 0))
                    yield return $"{vip.BareAddress} is on {other.Host}: hand the group over there (--host {other.Host}), or take it away there first";
            }
            var found = there.Addresses.FirstOrDefault(a => a.Vip == vip && a.FoundOn.Length > 0);
            if (found is not null && found.FoundOn != vip.Interface)
                yield return $"{vip.BareAddress} is on {found.FoundOn} of {there.Host}, and registered for {vip.Interface}: correct one of them";
            else if (found is not null && !vip.Address.EndsWith($"/{found.PrefixLength}", StringComparison.Ordinal))
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{vip.BareAddress} is on {there.Host} with /{found.PrefixLength}, and registered as {vip.Address}: it would be there twice; correct one of them");
        }
    }

    private static HandedProgram Hand(
        Program program, HostSight there, ImmutableArray<HostSight> sights, bool force, ImmutableArray<string>.Builder obstacles)
    {
        var processes = ImmutableArray.CreateBuilder<HandedProcess>();
        foreach (var sight in program.RunOn == RunOn.All ? sights : [there])
        {
            if (sight.Of(program.Name) is not { } seen)
                continue;
            if (seen.Problem.Length > 0)
                obstacles.Add($"{program.Name} on {sight.Host}: {seen.Problem}");
            if (seen.Processes.Length > 1)
            {
                obstacles.Add($"{program.Name} on {sight.Host}: {seen.Processes.Length} processes match, pids {Pids(seen)}: say which with adopt: (pid, pidfile or command)");
            }
            else if (seen.Processes is [var one])
            {
                if (one.ParentRestarts && !force)
                    obstacles.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{program.Name} on {sight.Host}: pid {one.Pid} has a living {one.Parent} (pid {one.ParentPid}) as its parent, which would start it again: --force takes it over all the same"));
                processes.Add(new(sight.Host, sight.Boot, one.Pid, one.StartTime));
            }
        }
        foreach (var other in sights.Where(s => program.RunOn == RunOn.Owner && s.Host != there.Host))
        {
            if (other.Of(program.Name) is { Processes.IsEmpty: false } elsewhere)
                obstacles.Add($"{program.Name} runs on {other.Host} (pid {Pids(elsewhere)}): it must not run on two hosts; hand the group over there (--host {other.Host}), or stop it there first");
        }
        return new(program.Name, processes.ToImmutable(), OutcomeOf(program, there, processes));
    }

    private static string OutcomeOf(Program program, HostSight there, ImmutableArray<HandedProcess>.Builder processes) =>
        processes.Count > 0
            ? string.Join(", ", processes.Select(p => string.Create(CultureInfo.InvariantCulture, $"adopts pid {p.Pid} on {p.Host}")))
            : program.DesiredState == DesiredState.Running ? $"not found: starts it on {there.Host}" : "not found, and not wanted to run";

    private static string Pids(ProgramSight sight) =>
        string.Join(", ", sight.Processes.Select(p => p.Pid.ToString(CultureInfo.InvariantCulture)));
}
