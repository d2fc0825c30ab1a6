using System.Collections.Concurrent;
using System.Globalization;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.HostChecks;

/// <summary>The checks of a host on a wire, in its namespace, with all that they tell. The agent "dies" and a new one comes by <see cref="Restart"/>.</summary>
internal sealed class CheckedHost : IDisposable
{
    public const string Group = "web";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ha-checks-");
    private readonly ConcurrentQueue<string> _events = new();
    private readonly HostNetwork _network;
    private HaGrpc.Agent.HostChecking.HostChecks _checks;
    private volatile string _unfit = "";
    private volatile int _weight;

    public CheckedHost()
    {
        _network = Wire.OpenNetwork();
        _network.LinkChanged += link => _checks?.LinkChanged(link);
        _checks = Begin();
    }

    public HostOnWire Wire { get; } = new();

    /// <summary>Why the host cannot run the group, as the control plane would be told.</summary>
    public string Unfit => _unfit;

    /// <summary>What was told for the history.</summary>
    public IReadOnlyCollection<string> Events => _events;

    /// <summary>Lines of the fitness as they were told.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    public string Folder => _root.FullName;

    public string File(string name) => Path.Combine(_root.FullName, name);

    /// <summary>A shell script, by its path.</summary>
    public string Script(string name, string script) => Executable.Write(File(name), $"#!/bin/sh\n{script}\n");

    public void Configure(params HostCheck[] checks) => _checks.Configure(
    [
        new Group(Group, [new("a", 100)], [], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero)) { Checks = [.. checks] },
    ]);

    public void Restart()
    {
        _checks.Dispose();
        _checks = Begin();
    }

    public Task UntilUnfit(string reason) => Eventually.Until($"unfit: '{reason}'", Limit, () => _unfit == reason, Seen);

    public Task UntilUnfitBegins(string reason) =>
        Eventually.Until($"unfit: '{reason}…'", Limit, () => _unfit.StartsWith(reason, StringComparison.Ordinal), Seen);

    public Task UntilWeight(int weight) =>
        Eventually.Until(string.Create(CultureInfo.InvariantCulture, $"weight {weight}"), Limit, () => _weight == weight, Seen);

    public Task UntilTold(string text) =>
        Eventually.Until($"'{text}' is told", Limit, () => _events.Any(e => e.Contains(text, StringComparison.Ordinal)), Seen);

    public Task Until(string what, Func<bool> holds) => Eventually.Until(what, Limit, holds, Seen);

    public void Dispose()
    {
        _checks.Dispose();
        Wire.Dispose();
        // A command is killed and not waited for; its shim writes down the end.
        Residents.AwaitNone(_root.FullName);
        _root.Delete(recursive: true);
    }

    private HaGrpc.Agent.HostChecking.HostChecks Begin() => Wire.Host.Do(() => new HaGrpc.Agent.HostChecking.HostChecks(
        new ProgramHostOptions { RunDirectory = File("run"), ShimPath = RunningHost.Shim, BootId = RunningHost.Boot },
        _network.Links,
        new Fitness(e =>
        {
            _unfit = ((FitnessChanged)e).Reason;
            Told.Enqueue(_unfit);
        }),
        (group, weight) => _weight = weight,
        (kind, group, message) => _events.Enqueue($"{kind} {group}: {message}"),
        new CollectedLog<HaGrpc.Agent.HostChecking.HostChecks>()));

    private string Seen() => $"unfit: '{_unfit}', weight: {_weight}\n{string.Join('\n', _events)}";
}
