using System.Collections.Immutable;
using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>What programs of a group wait for: it exists, is not itself in the end, and does not have to start later.</summary>
internal static class OrderRules
{
    internal static void Check(ModelSet request, ModelSet? stored, ICollection<FieldError> errors)
    {
        var all = new Dictionary<ProgramName, Program>();
        foreach (var old in stored?.KnownPrograms ?? [])
            all[ProgramExpansion.TemplateOf(old)] = old;
        foreach (var program in request.Programs)
            all[program.Name] = program;
        var isComplete = stored is { Programs.IsDefault: false };
        var told = new HashSet<ProgramName>();
        for (var p = 0; p < request.Programs.Length; p++)
        {
            var program = request.Programs[p];
            for (var a = 0; a < program.After.Length; a++)
            {
                if (Problem(program, program.After[a], all, isComplete) is { } problem)
                    errors.Add(new($"programs[{p}].after[{a}]", program.After[a], problem));
            }
            // A cycle is one mistake, not one for each of its members.
            if (!told.Contains(program.Name) && CycleOf(program.Name, all) is { } cycle)
            {
                told.UnionWith(cycle);
                errors.Add(new($"programs[{p}].after", string.Join(", ", program.After),
                    $"waits for itself: {string.Join(" -> ", cycle.Append(program.Name).Select(name => name.Name))}"));
            }
        }
    }

    private static string? Problem(Program program, string name, Dictionary<ProgramName, Program> all, bool isComplete)
    {
        if (!all.TryGetValue(program.Name with { Name = name }, out var other))
        {
            if (!isComplete)
                return null;
            var known = all.Keys.Where(key => key.Group == program.Name.Group && key != program.Name).Select(key => key.Name);
            return NearestName.Of(name, known) is { } near
                ? $"unknown program of group {program.Name.Group}; did you mean {near}?"
                : $"unknown program of group {program.Name.Group}";
        }
        if (other.RunOn != program.RunOn)
        {
            var (everywhere, owned) = program.RunOn == RunOn.All ? (program, other) : (other, program);
            return $"{everywhere.Name.Name} runs on all members at any time, {owned.Name.Name} only with its group: neither can wait for the other";
        }
        return other.Priority > program.Priority
            ? string.Create(CultureInfo.InvariantCulture,
                $"{name} starts later by its priority {other.Priority}; give it {program.Priority} or less, or {program.Name.Name} a higher one than {program.Priority}")
            : null;
    }

    /// <summary>The shortest way from a program back to itself, without the return; null when there is none.</summary>
    private static ImmutableArray<ProgramName>? CycleOf(ProgramName start, Dictionary<ProgramName, Program> all)
    {
        var ways = new Queue<ImmutableArray<ProgramName>>([[start]]);
        var seen = new HashSet<ProgramName>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var name in all.TryGetValue(way[^1], out var program) ? program.After : [])
            {
                var next = start with { Name = name };
                if (next == start)
                    return way;
                if (seen.Add(next))
                    ways.Enqueue(way.Add(next));
            }
        }
        return null;
    }
}
