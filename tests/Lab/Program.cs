using HaGrpc.Lab;
using HaGrpc.Lab.Adoption;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Comparison;
using HaGrpc.Lab.Demo;
using HaGrpc.Lab.Faults;
using HaGrpc.Lab.Reporting;
using HaGrpc.Lab.Scenarios;

// Runs inside the namespaces that scripts/lab.sh makes. Exit code 0: everything was as promised; 1: something was not;
// 2: bad arguments or a lab that cannot be built.
try
{
    var options = Options.Parse(args);
    switch (options.Verb)
    {
        case "list":
            foreach (var scenario in Catalogue.All)
                Console.WriteLine($"{scenario.Name,-22}{scenario.Summary}");
            return 0;
        case "run":
            return await Run(options);
        case "faults":
            return await FaultCampaign.Run(Profile.Parse(options.Profile ?? "default"), options.Faults with { Replicas = options.Replicas ?? 1 }, options.JsonFile);
        case "faults-table":
            Console.Write(FaultTable.Of(FaultReport.Read(options.Scenarios)));
            return 0;
        case "itself":
            return await Finish([await LabItself.Run()], options);
        case "compare":
            return await Finish(await Contest.Run(options.Scenarios, options.Runs, options.Page), options);
        case "keepalived-itself":
            return await Finish([await Contest.ComesUp()], options);
        case "adoption":
            var adoption = await AdoptionStory.Run();
            Console.WriteLine(adoption.Table());
            return await Finish([adoption], options);
        case "demo":
            return await DemoStory.Tell();
        default:
            throw new ArgumentException(Options.Usage);
    }
}
catch (Exception failure) when (failure is ArgumentException or FileNotFoundException or TimeoutException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync($"ha-lab: {failure.Message}");
    return 2;
}

static async Task<int> Run(Options options)
{
    var scenarios = options.Scenarios is ["all"] ? await Possible(options) : [.. options.Scenarios.Select(Catalogue.Find)];
    List<ScenarioReport> reports = [];
    // A cluster for all scenarios of the same profile and program set: they leave it as they found it.
    foreach (var group in scenarios.GroupBy(s => (Profile: options.Profile ?? s.DefaultProfile, s.ExtraPrograms, Replicas: s.Wanted(options.Replicas))))
    {
        var cluster = await LabCluster.Start(Profile.Parse(group.Key.Profile), group.Key.ExtraPrograms, replicas: group.Key.Replicas);
        foreach (var scenario in group)
        {
            List<RunReport> runs = [];
            while (runs.Count < options.Runs)
                runs.Add(await scenario.Run(cluster));
            reports.Add(new(scenario.Name, group.Key.Profile, runs));
            Console.WriteLine(reports[^1].Table());
        }
        // Programs outlive their agents, and the next cluster would find them.
        await FaultCampaign.Clear(cluster);
    }
    return await Finish(reports, options);
}

// Everything that this machine can have; what it cannot is said.
static async Task<IReadOnlyList<Scenario>> Possible(Options options)
{
    var replicated = Catalogue.All.Where(s => s.Wanted(options.Replicas) > 1).ToList();
    try
    {
        if (replicated.Count > 0)
            await PostgresPrograms.Find();
        return Catalogue.All;
    }
    catch (InvalidOperationException failure)
    {
        await Console.Error.WriteLineAsync($"ha-lab: left out: {string.Join(", ", replicated.Select(s => s.Name))}: {failure.Message}");
        return [.. Catalogue.All.Except(replicated)];
    }
}

static async Task<int> Finish(IReadOnlyList<ScenarioReport> reports, Options options)
{
    if (options.JsonFile is { } file)
        await File.WriteAllTextAsync(file, ScenarioReport.ToJson(reports));
    return reports.All(r => r.Passed) ? 0 : 1;
}
