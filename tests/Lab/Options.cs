using System.Globalization;

namespace HaGrpc.Lab;

/// <summary>The command line.</summary>
internal sealed record Options(string Verb, IReadOnlyList<string> Scenarios, int Runs, string? Profile, string? JsonFile)
{
    public const string Usage = """
        usage: ha-lab run SCENARIO...|all [--runs N] [--profile default|fast|calm] [--json FILE]
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
        string? profile = null, json = null;
        for (var i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--runs": runs = int.Parse(Next(), CultureInfo.InvariantCulture); break;
                case "--profile": profile = Next(); break;
                case "--json": json = Next(); break;
                case var name when !name.StartsWith('-'): scenarios.Add(name); break;
                case var other: throw new ArgumentException($"unknown option '{other}'\n{Usage}", nameof(args));
            }

            string Next() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} wants a value", nameof(args));
        }
        return new(args[0], scenarios, runs, profile, json);
    }
}
