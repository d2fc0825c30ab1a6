using System.Collections.Immutable;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Guard;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using FieldError = HaGrpc.Core.Model.FieldError;
using GuardedAct = HaGrpc.Core.Guard.GuardedAct;
using ProgramSpec = HaGrpc.Core.Model.Program;
using SaidText = HaGrpc.Core.Language.SaidText;

namespace HaGrpc.ControlPlane.Guard;

/// <summary>What an update of a program hits: all its processes, whichever of them the call names, for it is confirmed and approved as a whole.</summary>
internal static class UpdateRadius
{
    private const int MostDifferences = 6;

    /// <summary>On the loop's thread.</summary>
    /// <returns>Null when the call itself says what is wrong.</returns>
    public static BlastRadius? Of(UpdateProcessesRequest request, RegistrySnapshot registry, Tenure tenure)
    {
        if (ToModel(request.Program) is not { } program)
            return null;
        var stored = registry.Programs.Select(p => p.Spec).Where(p => ProgramExpansion.TemplateOf(p) == program.Name).ToArray();
        if (stored.Length == 0)
            return null;
        var earlier = ToModel(request.Earlier) is { } back ? [SaidText.Of($"it may go back to command: {back.Command}")] : ImmutableArray<SaidText>.Empty;
        return new(
            GuardedAct.Update,
            program.Name.ToString(),
            ActRadius.HitsOf(registry.Groups.Select(g => g.Spec).Where(g => g.Name == program.Name.Group), stored, tenure),
            new(IsEverything: false, [program.Name.Group]),
            [],
            [.. Differences(stored, ProgramExpansion.Of(program)), .. earlier]);
    }

    private static ProgramSpec? ToModel(V1.Program? program)
    {
        if (program is null)
            return null;
        var errors = new List<FieldError>();
        var model = new ApplyRequest { Programs = { program } }.ToModel(errors);
        return errors.Count > 0 || model.Programs is not [var one] ? null : one;
    }

    // Values of the environment may be secrets, and are not told.
    private static IEnumerable<SaidText> Differences(ProgramSpec[] stored, ImmutableArray<ProgramSpec> made)
    {
        var all = new List<SaidText>();
        foreach (var now in stored.OrderBy(p => p.Name.Name, StringComparer.Ordinal))
        {
            if (made.FirstOrDefault(m => m.Name == now.Name) is not { } then)
                continue;
            Note("command", now.Command, then.Command);
            Note("directory", now.Directory, then.Directory);
            Note("user", now.User, then.User);
            if (!now.Environment.ToHashSet().SetEquals(then.Environment))
                all.Add(SaidText.Of($"{now.Name}: its environment changes"));

            void Note(string field, string from, string to)
            {
                if (from != to)
                    all.Add(SaidText.Of($"{now.Name} {field}: {from} -> {to}"));
            }
        }
        return all.Count <= MostDifferences
            ? all
            : all.Take(MostDifferences).Append(SaidText.Of($"{all.Count - MostDifferences} more differences"));
    }
}
