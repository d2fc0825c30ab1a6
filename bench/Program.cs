using System.Globalization;
using HaGrpc.Bench;
using HaGrpc.Bench.Operators;
using HaGrpc.Bench.Supervision;
using HaGrpc.Lab.Cluster;

// Runs inside the namespaces that bench/run.sh makes: ha-bench supervision [--rounds N] [--programs N[,N]] [--only NAME], or ha-bench operators [--rounds N]
int rounds = 60;
int[] counts = [500, 1000];
string? only = null;
for (var i = 1; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--rounds": rounds = int.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
        case "--programs": counts = [.. args[i + 1].Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))]; break;
        case "--only": only = args[i + 1]; break;
        default: throw new ArgumentException($"unknown option '{args[i]}'", nameof(args));
    }
}

var results = new Results();
var binaries = Binaries.Find();
if (args is ["operators", ..])
{
    await MeasureOperators(args.Contains("--rounds") ? rounds : 10);
    Console.WriteLine(results.Table());
    return 0;
}
foreach (var name in new[] { "HaGrpc", "supervisord" })
{
    if (only is not null && !name.Equals(only, StringComparison.OrdinalIgnoreCase))
        continue;
    await Measure(name, "respawn", work => work.Respawn(rounds));
    var line = new string('x', 99);
    await Measure(name, "flood", work => work.Flood(rounds / 4, "large writes", $"exec yes {line}"));
    await Measure(name, "flood-lines", work => work.Flood(rounds / 4, "a line at a time", $"while :; do echo {line}; done"));
    foreach (var count in counts)
        await Measure(name, $"many-{count}", work => work.Many(count));
}
Console.WriteLine(results.Table());
return 0;

async Task MeasureOperators(int times)
{
    // On a disk, whose confirmations cost what they cost: /run is memory.
    var directory = Directory.CreateDirectory($"/var/tmp/ha-bench-{Guid.NewGuid():N}").FullName;
    try
    {
        var work = new OperatorWork(binaries, results, directory);
        await work.Apply("SQLite", times, round => Task.FromResult<string[]>(["--sqlite", $"{directory}/plane-{round}.db"]));
        await using var postgres = await BenchPostgres.Start(directory);
        if (postgres is null)
            await Console.Error.WriteLineAsync("PostgreSQL is not installed: left out");
        else
            await work.Apply("PostgreSQL", times, async round => ["--postgres", await postgres.Database($"round{round}")]);
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }
}

async Task Measure(string name, string what, Func<Workloads, Task> act)
{
    var directory = $"/run/bench/{name}-{what}";
    Directory.CreateDirectory(directory);
    await Console.Error.WriteLineAsync($"{name}: {what} ...");
    Supervisor supervisor = name == "HaGrpc" ? new HaGrpcSupervisor(binaries, directory) : new Supervisord(directory);
    await using (supervisor)
    {
        try
        {
            await supervisor.Start();
            await act(new Workloads(supervisor, results, directory));
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            // The directory goes with the namespaces: what the logs said last is shown before.
            foreach (var log in Directory.GetFiles(directory, "*.log"))
                await Console.Error.WriteLineAsync($"{log}:\n  {string.Join("\n  ", File.ReadLines(log).TakeLast(15))}");
            throw;
        }
    }
}
