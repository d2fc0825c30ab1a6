using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>
/// Makes the processes of a registered program (docs/adr/0008): each is a program of its own from then on, with a name, a state and
/// a desired state. What is known everywhere is put in here, so that a change of it restarts exactly those that it concerns;
/// <c>host_node_name</c> and <c>ENV_…</c> are left to the host.
/// </summary>
public static class ProgramExpansion
{
    /// <summary>How many processes a program may have.</summary>
    public const int MostProcesses = 1000;

    /// <summary>The processes of a program. Call it on a valid one; on another it gives something, and validation says what is wrong.</summary>
    public static ImmutableArray<Program> Of(Program program)
    {
        if (program.NumProcs is < 1 or > MostProcesses)
            return [program];
        return [.. Enumerable.Range(0, program.NumProcs).Select(i => One(program, program.NumProcsStart + i))];
    }

    /// <summary>The name under which a stored program was registered.</summary>
    public static ProgramName TemplateOf(Program stored) =>
        stored.Template.Length == 0 ? stored.Name : stored.Name with { Name = stored.Template };

    /// <summary>What stored programs go when these are registered: processes that the new <c>numprocs</c> or <c>process_name</c> does
    /// not make any more.</summary>
    /// <param name="registered">Programs as registered.</param>
    /// <param name="stored">Every stored program.</param>
    public static ImmutableArray<ProgramName> Surplus(ImmutableArray<Program> registered, IEnumerable<Program> stored)
    {
        var templates = registered.Select(program => program.Name).ToHashSet();
        var made = registered.SelectMany(program => Of(program)).Select(process => process.Name).ToHashSet();
        return [.. stored.Where(old => templates.Contains(TemplateOf(old)) && !made.Contains(old.Name)).Select(old => old.Name)];
    }

    private static Program One(Program program, int number)
    {
        var values = new Dictionary<string, ExpansionValue>(StringComparer.Ordinal)
        {
            ["program_name"] = new(program.Name.Name),
            ["group_name"] = new(program.Name.Group),
            ["process_num"] = ExpansionValue.Of(number),
            ["numprocs"] = ExpansionValue.Of(program.NumProcs),
        };
        var variables = program.Environment;
        var name = Expansion.TryFinish(program.ProcessName, values, out var expanded, out _) ? expanded : program.Name.Name;
        return program with
        {
            Name = program.Name with { Name = name },
            Template = program.Name.Name,
            ProcessName = Default.ProcessName,
            NumProcs = Default.NumProcs,
            NumProcsStart = Default.NumProcsStart,
            Command = Prepare(program.Command),
            Directory = Prepare(program.Directory),
            Readiness = program.Readiness is { } readiness ? readiness with { Target = Prepare(readiness.Target) } : null,
            Liveness = program.Liveness is { } liveness ? liveness with { Target = Prepare(liveness.Target) } : null,
            Adopt = program.Adopt is { } adopt ? adopt with { Pidfile = Prepare(adopt.Pidfile), Command = Prepare(adopt.Command) } : null,
            StdoutLogfile = Prepare(program.StdoutLogfile),
            StderrLogfile = Prepare(program.StderrLogfile),
            Environment = variables.ToImmutableSortedDictionary(
                pair => pair.Key, pair => Prepare(pair.Value), StringComparer.Ordinal),
        };

        string Prepare(string text) => Expansion.Prepare(text, values);
    }

    private static readonly Program Default = new() { Name = default, Command = "" };
}
