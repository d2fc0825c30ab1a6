using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>Finds what an earlier agent of this boot left under the run directory (rule S1).</summary>
internal static class Adoption
{
    /// <summary>Takes everything over. To be called on the host's thread, before any group is active.</summary>
    /// <param name="host">The host.</param>
    /// <param name="groupOf">The runner of a group's programs, or of those of its programs that run everywhere; made when it is new.</param>
    public static AdoptionReport Run(HostContext host, Func<string, RunOn, GroupRunner> groupOf)
    {
        var root = Path.Combine(host.Options.RunDirectory, "programs");
        if (!Directory.Exists(root))
            return new AdoptionReport([]);
        var groups = ImmutableArray.CreateBuilder<AdoptedGroup>();
        var cgroups = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in Directory.GetDirectories(root).Order(StringComparer.Ordinal))
        {
            var found = new Found();
            foreach (var program in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
                Take(host, groupOf, new ProgramName(Path.GetFileName(folder), Path.GetFileName(program)), found);
            groups.Add(new AdoptedGroup(Path.GetFileName(folder), [.. found.Live], [.. found.Ended], [.. found.Killed]));
            cgroups.UnionWith(found.Cgroups);
        }
        host.Cgroups?.RemoveEmpty(cgroups);
        return new AdoptionReport(groups.ToImmutable());
    }

    private static void Take(HostContext host, Func<string, RunOn, GroupRunner> groupOf, ProgramName name, Found found)
    {
        var directory = host.DirectoryOf(name);
        var spec = directory.ReadSpec();
        var kept = KeptCondition.Read(directory);
        if (spec is not null && spec["boot"] != host.Options.BootId.ToString())
        {
            // Of another boot: nothing of it can be alive, and its instants mean nothing now.
            Directory.Delete(directory.Path, recursive: true);
            return;
        }
        if (spec is null && kept is null)
            return;
        var known = Reconstruct(name, spec);
        var runner = groupOf(name.Group, known.RunOn).RunnerOf(known);
        if (spec is not null && ShimProcess.TryAttach(host.Thread, directory, spec) is { } shim)
        {
            runner.Adopt(shim);
            found.Live.Add(name);
            if (spec["cgroup"] is { } cgroup)
                _ = found.Cgroups.Add(cgroup);
            ProgramLog.Adopted(host.Logger, name, runner.Condition.Pid, shim.Pid);
        }
        else if (kept is not null)
        {
            runner.AdoptCondition(kept, spec);
        }
        else if ((EndOf(spec!, "exit") ?? EndOf(spec!, "exit.last")) is { } exit)
        {
            runner.AdoptEnd(spec!, exit);
            found.Ended.Add(name);
        }
        else
        {
            var state = directory.ReadRecord("state");
            runner.AdoptLost(spec!, state?.Instance == spec!["instance"] ? state : null);
            found.Killed.Add(name);
            ProgramLog.FoundWithoutShim(host.Logger, name);
        }

        // An agent that was killed between reading a record and writing down what it made of it has moved it aside already.
        ShimRecord? EndOf(ShimSpec of, string file) =>
            directory.ReadRecord(file) is { IsOver: true } record && record.Instance == of["instance"] ? record : null;
    }

    // Until the configuration comes, only what is needed to stop it is known.
    private static ConfiguredProgram Reconstruct(ProgramName name, ShimSpec? spec) => new()
    {
        Name = name,
        Command = "",
        Priority = (int)(spec?.Number("priority", 999) ?? 999),
        Oneshot = spec?["oneshot"] is not null,
        RunOn = spec?["everywhere"] is null ? RunOn.Owner : RunOn.All,
        StopAsGroup = spec?["stopasgroup"] is not null,
        StopSignal = (spec?.Number("stopsignal", 15) ?? 15).ToString(CultureInfo.InvariantCulture),
        StopTimeout = TimeSpan.FromTicks((spec?.Number("stoptimeout", 10_000_000_000) ?? 10_000_000_000) / 100),
    };

    private sealed class Found
    {
        public List<ProgramName> Live { get; } = [];

        // A shim that has just begun has nobody in its program's yet.
        public HashSet<string> Cgroups { get; } = new(StringComparer.Ordinal);

        public List<ProgramName> Ended { get; } = [];

        public List<ProgramName> Killed { get; } = [];
    }
}
