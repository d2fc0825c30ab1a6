using System.Globalization;
using System.Text;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Bench.Operators;

/// <summary>What an operator waits for at hactl, from its start to its end.</summary>
internal sealed class OperatorWork(Binaries binaries, Results results, string directory)
{
    private const int Programs = 1000, PerGroup = 20, Starts = 50;

    private static readonly Uri Endpoint = new("http://127.0.0.1:7443");

    /// <summary>Applies a thousand programs: all new, none changed, all changed.</summary>
    public async Task Apply(string database, int rounds, Func<int, Task<string[]>> storage)
    {
        for (var round = 0; round < rounds; round++)
        {
            using var plane = Start(await storage(round));
            using var person = new Operator(binaries.Hactl, Endpoint);
            await Eventually.Until("the control plane answers", TimeSpan.FromSeconds(30), person.Answers);
            await Timed(person, $"apply of {Programs} new programs, {database}", Manifest("sleep 1000000"));
            await Timed(person, $"apply of {Programs} programs that are so already, {database}", Manifest("sleep 1000000"));
            await Timed(person, $"apply of {Programs} programs with another command, {database}", Manifest("sleep 2000000"));
            if (round == 0)
                await Status(person, database);
            await Stop(plane);
        }
    }

    /// <summary>Each is a process of its own: what it needs is in the page cache, and nothing else is kept.</summary>
    private async Task Status(Operator person, string database)
    {
        for (var start = 0; start < Starts; start++)
        {
            var at = BootClock.Nanoseconds;
            await person.TryHactl("status");
            results.Add("hactl", $"status of {Programs} programs, {database}", "ms", (BootClock.Nanoseconds - at) / 1e6);
            at = BootClock.Nanoseconds;
            await person.TryHactl("status", "g0");
            results.Add("hactl", $"status of {PerGroup} programs, {database}", "ms", (BootClock.Nanoseconds - at) / 1e6);
            at = BootClock.Nanoseconds;
            await person.TryHactl("--version");
            results.Add("hactl", "start and end alone (--version)", "ms", (BootClock.Nanoseconds - at) / 1e6);
        }
    }

    private async Task Timed(Operator person, string what, string manifest)
    {
        var file = Path.Combine(directory, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest);
        var at = BootClock.Nanoseconds;
        await person.Hactl("apply", "-f", file);
        results.Add("hactl", what, "s", (BootClock.Nanoseconds - at) / 1e9);
    }

    private static string Manifest(string command)
    {
        var text = new StringBuilder("hosts: [{name: a}, {name: b}]\ngroups:\n");
        for (var group = 0; group < Programs / PerGroup; group++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - name: g{group}\n    members: [{{host: a, priority: 2}}, {{host: b, priority: 1}}]\n    programs:\n");
            for (var program = 0; program < PerGroup; program++)
                text.Append(CultureInfo.InvariantCulture, $"      - {{name: p{program}, command: {command}, directory: /srv/app{program}, user: root, environment: {{A: b}}}}\n");
        }
        return text.ToString();
    }

    private LabProcess Start(string[] storage) => LabProcess.Start(
        "control plane", Path.Combine(directory, "controlplane.log"), null, new Dictionary<string, string>(), [binaries.ControlPlane, .. storage]);

    private static async Task Stop(LabProcess plane)
    {
        const int Terminate = 15;
        plane.Signal(Terminate);
        await plane.WaitForExit(TimeSpan.FromSeconds(20));
    }
}
