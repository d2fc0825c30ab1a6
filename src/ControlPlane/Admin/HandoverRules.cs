using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;
using FieldError = HaGrpc.Core.Model.FieldError;
using ModeSpec = HaGrpc.Core.Model.SupervisionMode;
using ProgramExpansion = HaGrpc.Core.Model.ProgramExpansion;
using ProgramName = HaGrpc.Core.Model.ProgramName;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Who runs something changes by a hand-over and by nothing else: neither a manifest nor a rollback takes over what somebody else runs,
/// or lets go of what is ours.</summary>
internal static class HandoverRules
{
    /// <summary>What a request says of it and cannot have.</summary>
    public static IEnumerable<FieldError> Check(ApplyRequest request, RegistrySnapshot stored)
    {
        for (var i = 0; i < request.Groups.Count; i++)
        {
            var group = request.Groups[i];
            if (stored.Groups.FirstOrDefault(g => g.Spec.Name == group.Name)?.Spec is { } known
                && Wrong(group.Mode, known.Mode, group.Name) is { } message)
            {
                yield return new($"groups[{i}].mode", Word(group.Mode), message);
            }
        }
        for (var i = 0; i < request.Programs.Count; i++)
        {
            var program = request.Programs[i];
            var name = new ProgramName(program.Group, program.Name);
            foreach (var known in stored.Programs.Select(p => p.Spec).Where(p => ProgramExpansion.TemplateOf(p) == name))
            {
                var isGroupObserved = stored.Groups.Any(g => g.Spec.Name == program.Group && g.Spec.Mode == ModeSpec.Observe);
                var mode = isGroupObserved ? ModeSpec.Observe : known.Mode;
                if (Wrong(program.Mode, mode, $"{known.Name}") is not { } message)
                    continue;
                yield return new($"programs[{i}].mode", Word(program.Mode), message);
                break;
            }
        }
    }

    /// <summary>The changes with that as it is.</summary>
    public static RegistryChanges Keep(RegistryChanges changes, RegistrySnapshot stored)
    {
        var groups = stored.Groups.ToDictionary(g => g.Spec.Name, g => g.Spec, StringComparer.Ordinal);
        var programs = stored.Programs.ToDictionary(p => p.Spec.Name, p => p.Spec);
        return changes with
        {
            Groups = [.. changes.Groups.Select(g => groups.TryGetValue(g.Name, out var known)
                ? g with { Mode = known.Mode, HandedTo = known.HandedTo }
                : g with { HandedTo = "" })],
            Programs = [.. changes.Programs.Select(p => programs.TryGetValue(p.Name, out var known)
                ? p with { Mode = known.Mode, Handed = known.Handed }
                : p with { Handed = [] })],
        };
    }

    private static string? Wrong(SupervisionMode asked, ModeSpec known, string name) => (asked, known) switch
    {
        (SupervisionMode.Manage, ModeSpec.Observe) => $"{name} is only observed: hactl adopt {name} hands it over; leave mode out here",
        (SupervisionMode.Observe, ModeSpec.Manage) => $"{name} is managed: leave mode out here, it cannot be given back",
        _ => null,
    };

    private static string Word(SupervisionMode mode) => mode == SupervisionMode.Observe ? "observe" : "manage";
}
