using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.Kernel;
using HaGrpc.Linux;
using HaGrpc.Linux.Shims;
using Microsoft.Extensions.Logging.Abstractions;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>An owner without its ownership loop: leases are what the test says, everything they are written to is real.</summary>
internal sealed class Owner : IDisposable
{
    public const long Epoch = 7;

    // A quarter of the margin is what a write may take: far more than a busy machine needs.
    public static readonly GroupTiming Timing = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20));

    private readonly string _directory = Directory.CreateTempSubdirectory("hagrpc-owner-").FullName;
    private readonly Outbox _outbox = new(Guid.NewGuid(), TimeProvider.System);
    private readonly DeadlineFiles _deadlines;

    public Owner(string? shimPath = null)
    {
        var boot = Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id"));
        _deadlines = new(_directory, boot);
        Guards = new(new() { RunDirectory = _directory, ShimPath = shimPath ?? Shim, BootId = boot, UseCgroups = false });
        Network = Wire.OpenNetwork();
        Reports = new(_outbox, NullLogger.Instance);
        Writer = new(Network, Guards, _deadlines, MayAct, Now, Reports);
        Group = New("web", HostOnWire.Vips);
        Wire.Host.Do(() => Network.Prepare(HostOnWire.Vips)).ToString().ShouldBe("");
    }

    /// <summary>The native shim beside the tests; a guard starts in milliseconds.</summary>
    public static string Shim => Programs.RunningHost.Shim;

    public HostOnWire Wire { get; } = new();

    public HostNetwork Network { get; }

    public GuardShim Guards { get; }

    public ActReports Reports { get; }

    public LeaseWriter Writer { get; }

    public Group Group { get; }

    public DeadlineFiles Deadlines => _deadlines;

    /// <summary>Called when the lease is looked at, by group; false takes the lease away.</summary>
    public Func<string, bool> Holds { get; set; } = _ => true;

    /// <summary>How far the owner's clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public static Group New(string name, params Vip[] vips) => new(
        name, [new("a", 100), new("b", 90)], [.. vips], [], Timing, new(FailbackMode.Manual, TimeSpan.Zero));

    /// <summary>Grants a lease; null for one without end.</summary>
    public void Grant(TimeSpan? length, string group = "web") => _ = _deadlines.Write(
        new(group, Epoch, length is { } l ? new BootInstant(BootClock.Nanoseconds) + l : BootInstant.Never, new View(1, ["a", "b"], length)),
        out _);

    public bool Open() => Wire.Host.Do(() => Writer.Open(Group, Epoch));

    public BootInstant Now() => new BootInstant(BootClock.Nanoseconds) + Ahead;

    public bool MayAct(string group, long epoch) =>
        Holds(group) && _deadlines.Of(group).Epoch == epoch && Now() < _deadlines.UntilOf(group);

    /// <summary>Kinds of the events since the last call.</summary>
    public IReadOnlyList<string> Events()
    {
        var kinds = new List<string>();
        while (_outbox.TakeNext() is { } next)
            kinds.Add(next.Event.Kind);
        return kinds;
    }

    /// <summary>Kills the guard of the group as no orderly end would.</summary>
    public void KillGuard()
    {
        using var guard = ShimConnection.TryConnect(new ShimDirectory(Path.Combine(_directory, "groups", "web", "guard")));
        Libc.Check(Libc.Kill(guard.ShouldNotBeNull().PeerPid, Libc.SigKill), "kill");
    }

    /// <summary>Process ids of the guards and of whatever else lives in the run directory.</summary>
    public int[] Guarding() => [.. Residents.Of(_directory)];

    public void Dispose()
    {
        Wire.Host.Do(() => Guards.Stop("web"));
        // As the agent does: announcements read the deadline file before every packet.
        Wire.Dispose();
        _deadlines.Dispose();
        _outbox.Dispose();
        Residents.AwaitNone(_directory);
        Directory.Delete(_directory, recursive: true);
    }
}
