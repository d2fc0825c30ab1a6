using System.Collections.Immutable;
using HaGrpc.Agent.Hooks;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.HostChecking;

/// <summary>
/// Runs the checks of all groups that this host is a member of, whoever owns them (docs/adr/0022), on a thread of its own: no lease, program or hook
/// waits for one of them, and none for another. Every method may be called from any thread.
/// </summary>
internal sealed class HostChecks : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private readonly EventThread _thread = new("checks");
    private readonly SortedDictionary<string, Watched> _groups = new(StringComparer.Ordinal);
    private readonly ProgramHostOptions _options;
    private readonly LinkView _links;
    private readonly KeptVerdicts _kept;
    private readonly Fitness _fitness;
    private readonly Action<string, int> _weightChanged;
    private readonly Action<string, string, string> _happened;
    private readonly ILogger _logger;

    /// <param name="options">This host.</param>
    /// <param name="links">Its links.</param>
    /// <param name="fitness">Takes why this host cannot run a group.</param>
    /// <param name="weightChanged">Takes a group and what this host's priority in it is raised by; must not wait.</param>
    /// <param name="happened">Takes what is worth a line in the history: its kind, the group and the words for people; must not wait.</param>
    /// <param name="logger">The log.</param>
    public HostChecks(
        ProgramHostOptions options, LinkView links, Fitness fitness, Action<string, int> weightChanged, Action<string, string, string> happened,
        ILogger<HostChecks> logger)
    {
        (_options, _links, _fitness, _weightChanged, _happened, _logger) = (options, links, fitness, weightChanged, happened, logger);
        _kept = new(options.RunDirectory, options.BootId, logger);
        _thread.Post(Sweep);
    }

    /// <summary>Takes the groups of this host as configured now. A check that asks the same as before goes on; another one begins afresh.</summary>
    public void Configure(ImmutableArray<Group> groups) => _thread.Post(() =>
    {
        foreach (var gone in _groups.Keys.Except(groups.Select(group => group.Name), StringComparer.Ordinal).ToArray())
        {
            Apply(gone, []);
            _ = _groups.Remove(gone);
        }
        foreach (var group in groups)
        {
            if (!group.Checks.IsEmpty || _groups.ContainsKey(group.Name))
                Apply(group.Name, group.Checks);
        }
    });

    /// <summary>A link of this host is another one now; null: any may be.</summary>
    public void LinkChanged(LinkEntry? link) => _thread.Post(() =>
    {
        foreach (var run in _groups.Values.SelectMany(group => group.Runs).ToArray())
            run.LinkChanged(link);
    });

    /// <summary>Ends what runs, and the thread. What an agent that was killed leaves is ended by its shim, or by the next agent.</summary>
    public void Dispose()
    {
        using var ended = new ManualResetEventSlim();
        _thread.Post(() =>
        {
            foreach (var run in _groups.Values.SelectMany(group => group.Runs))
                run.Dispose();
            ended.Set();
        });
        // One that is held up, as by a directory of users that does not answer, holds up no agent.
        _ = ended.Wait(EndPatience);
        _thread.Dispose();
    }

    private void Apply(string name, ImmutableArray<HostCheck> checks)
    {
        IReadOnlyDictionary<string, HostCheckCondition>? kept = null;
        if (!_groups.TryGetValue(name, out var group))
        {
            _groups[name] = group = new();
            kept = _kept.Load(name);
        }
        var before = group.Runs.ToDictionary(run => run.Check.Name, StringComparer.Ordinal);
        var begun = new List<HostCheckRun>();
        group.Runs = [.. checks.Select(RunOf)];
        foreach (var gone in before.Values.Except(group.Runs))
            gone.Dispose();
        foreach (var run in begun)
            run.Start();
        Tell(name, group);

        HostCheckRun RunOf(HostCheck check)
        {
            if (before.TryGetValue(check.Name, out var known) && known.TryEdit(check))
                return known;
            var condition = kept?.GetValueOrDefault(check.Name, HostCheckCondition.New) ?? HostCheckCondition.New;
            var run = new HostCheckRun(_thread, _options, _links, name, check, condition, change => Judged(name, group, change));
            begun.Add(run);
            return run;
        }
    }

    private void Judged(string name, Watched group, HostCheckChange? change)
    {
        if (change is not null)
        {
            HostCheckLog.Happened(_logger, change.Kind, name, change.Message);
            _happened(change.Kind, name, change.Message);
        }
        Tell(name, group);
    }

    private void Tell(string name, Watched group)
    {
        _kept.Save(name, group.Runs.Select(run => (run.Check.Name, run.Condition)));
        var standing = HostStanding.Of(group.Runs.Select(run => (run.Check, run.Condition)));
        _fitness.OfChecks(name, standing.Unfit);
        if (standing.Weight != group.Weight)
            _weightChanged(name, standing.Weight);
        group.Weight = standing.Weight;
    }

    private void Sweep()
    {
        try
        {
            HookSweep.Run(_thread, HostCheckRun.FolderOf(_options), _options.BootId, (_, _, _) => { });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            HostCheckLog.NotSwept(_logger, failure.Message);
        }
    }

    private sealed class Watched
    {
        public ImmutableArray<HostCheckRun> Runs { get; set; } = [];

        public int Weight { get; set; }
    }
}
