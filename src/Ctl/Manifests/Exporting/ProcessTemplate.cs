using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Exporting;

/// <summary>Finds the program that makes given processes (<see cref="ProgramExpansion"/> the other way round): stored are only the processes,
/// each with what it was made of put in.</summary>
internal static class ProcessTemplate
{
    private const int WidestNumber = 9;

    /// <summary>The program of the processes that were registered under one name.</summary>
    /// <param name="processes">The processes as stored, in any order; at least one.</param>
    /// <returns>Null when none is found that makes exactly these.</returns>
    internal static Program? Of(IReadOnlyList<Program> processes)
    {
        var name = ProgramExpansion.TemplateOf(processes[0]);
        if (processes.Count == 1)
            return Checked(Single(processes[0], name), processes);
        foreach (var numbers in Numberings(processes))
        {
            var sorted = processes.Zip(numbers).OrderBy(pair => pair.Second).ToArray();
            if (sorted.Where((pair, at) => pair.Second != sorted[0].Second + at).Any())
                continue;
            if (Several([.. sorted.Select(pair => pair.First)], name, sorted[0].Second) is { } found
                && Checked(found, processes) is { } program)
            {
                return program;
            }
        }
        return null;
    }

    private static Program Single(Program process, ProgramName name) => process with
    {
        Name = name,
        Template = "",
        ProcessName = process.Name == name ? process.ProcessName : Doubled(process.Name.Name),
    };

    /// <summary>Every run of digits in the names may be the number.</summary>
    private static IEnumerable<int[]> Numberings(IReadOnlyList<Program> processes)
    {
        var runs = processes.Select(process => Digits(process.Name.Name)).ToArray();
        return Enumerable.Range(0, runs.Min(run => run.Count)).Reverse().Select(at => runs.Select(run => run[at]).ToArray());
    }

    private static List<int> Digits(string name)
    {
        var numbers = new List<int>();
        for (var at = 0; at < name.Length; at++)
        {
            var end = at;
            while (end < name.Length && char.IsAsciiDigit(name[end]))
                end++;
            if (end > at && int.TryParse(name.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
            at = end;
        }
        return numbers;
    }

    private static Program? Several(Program[] processes, ProgramName name, int start)
    {
        var isWhole = true;
        var first = processes[0];
        var program = first with
        {
            Name = name,
            Template = "",
            NumProcs = processes.Length,
            NumProcsStart = start,
            ProcessName = Common(process => Doubled(process.Name.Name)),
            Command = Common(process => process.Command),
            Directory = Common(process => process.Directory),
            StdoutLogfile = Common(process => process.StdoutLogfile),
            StderrLogfile = Common(process => process.StderrLogfile),
            Readiness = first.Readiness is { } readiness ? readiness with { Target = Common(process => process.Readiness?.Target) } : null,
            Liveness = first.Liveness is { } liveness ? liveness with { Target = Common(process => process.Liveness?.Target) } : null,
            Adopt = first.Adopt is { } adopt
                ? adopt with { Pidfile = Common(process => process.Adopt?.Pidfile), Command = Common(process => process.Adopt?.Command) }
                : null,
        };
        var variables = first.Environment.ToBuilder();
        foreach (var key in first.Environment.Keys)
            variables[key] = Common(process => process.Environment.GetValueOrDefault(key));
        program = program with { Environment = variables.ToImmutable() };
        return isWhole ? program : null;

        string Common(Func<Program, string?> field)
        {
            var texts = processes.Select(field).ToArray();
            if (texts.All(text => text is not null) && TryCommon(texts!, start, out var common))
                return common;
            isWhole = false;
            return "";
        }
    }

    /// <summary>The text that gives all of these when the number is put in.</summary>
    private static bool TryCommon(string[] texts, int start, out string common)
    {
        common = "";
        var at = new int[texts.Length];
        while (true)
        {
            var same = 0;
            while (at[0] + same < texts[0].Length && texts.Select((text, i) => at[i] + same < text.Length ? text[at[i] + same] : '\0').Distinct().Count() == 1)
                same++;
            if (texts.Select((text, i) => at[i] + same == text.Length).All(ends => ends))
            {
                common += texts[0][at[0]..];
                return true;
            }
            if (!TryNumber(texts, start, at, same, out var before, out var width))
                return false;
            var number = width == 0 ? "%(process_num)d" : $"%(process_num)0{width}d";
            common = $"{common}{texts[0].AsSpan(at[0], before)}{number}";
            for (var i = 0; i < at.Length; i++)
                at[i] += before + Number(start + i, width).Length;
        }
    }

    /// <summary>Where the number begins, which may be before the texts part: 10 and 11 begin alike.</summary>
    private static bool TryNumber(string[] texts, int start, int[] at, int same, out int before, out int width)
    {
        for (before = same; before >= Math.Max(0, same - WidestNumber); before--)
        {
            for (width = 0; width <= WidestNumber; width++)
            {
                var (from, digits) = (before, width);
                if (texts.Select((text, i) => text.AsSpan(at[i] + from).StartsWith(Number(start + i, digits), StringComparison.Ordinal)).All(fits => fits))
                    return true;
            }
        }
        width = 0;
        return false;
    }

    private static string Number(int number, int width) => number.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');

    private static string Doubled(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>A guess counts only when it makes what is there.</summary>
    private static Program? Checked(Program program, IReadOnlyList<Program> processes)
    {
        var made = ProgramExpansion.Of(program).DistinctBy(process => process.Name).ToDictionary(process => process.Name);
        return made.Count == processes.Count && processes.All(process => made.TryGetValue(process.Name, out var one) && Same(one, process)) ? program : null;
    }

    // As messages, which compare by value. What an operator asked of each process is no part of what was registered.
    private static bool Same(Program made, Program stored) => Contracts.ProgramMapping.ToProto(made with
    {
        DesiredState = stored.DesiredState,
        RestartGeneration = stored.RestartGeneration,
        Handed = stored.Handed,
    }).Equals(Contracts.ProgramMapping.ToProto(stored));
}
