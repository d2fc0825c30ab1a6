using System.Globalization;
using HaGrpc.Lab.Faults;

namespace HaGrpc.Lab;

/// <summary>The command line.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Scenarios">Names that follow the verb.</param>
/// <param name="Runs">How often each.</param>
/// <param name="Profile">Of the group's times; null for each scenario's own.</param>
/// <param name="Replicas">How many control planes; null for what each scenario needs.</param>
/// <param name="JsonFile">Where the report goes; null for nowhere.</param>
/// <param name="Page">Where the comparison's page goes; null for nowhere.</param>
/// <param name="Faults">What belongs to the verb "faults".</param>
internal sealed record Options(
    string Verb, IReadOnlyList<string> Scenarios, int Runs, string? Profile, int? Replicas, string? JsonFile, string? Page, FaultOptions Faults)
{
    // Their addresses lie before those of A and B.
    private const int MostReplicas = 9;

    public const string Usage = """
        usage: ha-lab run SCENARIO...|all [--runs N] [--profile default|fast|calm] [--replicas N] [--json FILE]
               ha-lab faults [--only NAME[+NAME][,...]] [--pairs] [--profile P] [--replicas N] [--part I/N] [--seed S] [--json FILE] [--keep DIR]
                                             every single fault, with --pairs also every two at once
               ha-lab faults-table FILE...   what such runs' reports say, as Markdown
               ha-lab compare [FAULT...] [--runs N] [--json FILE] [--page FILE]
                                             keepalived with supervisord and HaGrpc under the same faults; --page writes the tables
               ha-lab keepalived-itself [--json FILE]   checks that keepalived's pair comes up
               ha-lab adoption [--json FILE]   takes over what runs under keepalived and supervisord, without a stop
               ha-lab itself [--json FILE]   checks the lab's own observers, without agents
               ha-lab demo                   the story that scripts/demo.sh tells
               ha-lab list
        """;

    public static Options Parse(string[] args)
    {
        if (args.Length == 0)
            throw new ArgumentException(Usage, nameof(args));
        List<string> scenarios = [];
        var runs = 1;
        int? replicas = null;
        string? profile = null, json = null, page = null;
        var faults = new FaultOptions();
        for (var i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--runs": runs = int.Parse(Next(), CultureInfo.InvariantCulture); break;
                case "--profile": profile = Next(); break;
                case "--replicas": replicas = int.Parse(Next(), CultureInfo.InvariantCulture); break;
                case "--json": json = Next(); break;
                case "--only": faults = faults with { Only = Next().Split(',') }; break;
                case "--pairs": faults = faults with { Pairs = true }; break;
                case "--seed": faults = faults with { Seed = int.Parse(Next(), CultureInfo.InvariantCulture) }; break;
                case "--keep": faults = faults with { Keep = Next() }; break;
                case "--part": faults = faults.OfPart(Next()); break;
                case "--page": page = Next(); break;
                case var name when !name.StartsWith('-'): scenarios.Add(name); break;
                case var other: throw new ArgumentException($"unknown option '{other}'\n{Usage}", nameof(args));
            }

            string Next() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} wants a value", nameof(args));
        }
        if (replicas is < 1 or > MostReplicas)
            throw new ArgumentException($"--replicas: {replicas}: 1 to {MostReplicas} would be right", nameof(args));
        return new(args[0], scenarios, runs, profile, replicas, json, page, faults);
    }
}
