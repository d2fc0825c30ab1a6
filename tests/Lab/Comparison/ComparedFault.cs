using System.Globalization;
using HaGrpc.Lab.Faults;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>A row of the comparison: the same fault for every pair, as far as a fault can be the same.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Title">In the table.</param>
/// <param name="Hold">How long it lasts at least.</param>
/// <param name="Make">Of the pair, its owner and its backup.</param>
/// <param name="Fast">Whether the fast profile has a column here too.</param>
internal sealed record ComparedFault(string Name, string Title, TimeSpan Hold, Func<IPair, LabHost, LabHost, Fault> Make, bool Fast = false)
{
    /// <summary>Longer than a lease and keepalived's down time together with the start of the programs.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    /// <summary>For what moves at once or not at all.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<ComparedFault> All { get; } =
    [
        new("link-cut", "owner's link cut", Long, (_, owner, _) => new CutLink("owner", owner), Fast: true),
        new("silent", "owner isolated, carrier stays", Long, Silent, Fast: true),
        new("mute", "owner mute: what it sends is lost", Long, (_, owner, _) => new CutOutgoing("owner", owner), Fast: true),
        new("deaf", "owner deaf: what it is sent is lost", Long, (_, owner, _) => new CutIncoming("owner", owner)),
        new("peer-cut", "owner and backup do not reach each other, all else does", Long,
            (_, owner, backup) => new CutBetween("peers", owner, backup)),
        new("loss", "owner's link loses 30 % of all frames", Long, (_, owner, _) => new LossyLink("owner", owner)),
        new("kill-daemon", "kill -9 of keepalived's parent / of the agent", Long,
            (pair, owner, _) => new KilledProcess("owner", owner.Name, pair.Daemon(owner))),
        new("kill-all", "kill -9 of all of keepalived / of the agent", Long, KillAll),
        new("freeze", "SIGSTOP of the VRRP process / of the agent", Long, Freeze, Fast: true),
        new("kill-program", "kill -9 of the program that answers", Short, KillProgram),
        new("stop", "clean stop of keepalived / of the agent", Short, Stop),
        new("backup-lost", "backup's link cut", Short, (_, _, backup) => new CutLink("backup", backup)),
        new("switchover", "planned switchover", Short, Switchover, Fast: true),
    ];

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ComparedFault Find(string name) =>
        All.FirstOrDefault(f => f.Name == name)
        ?? throw new ArgumentException($"unknown fault '{name}': one of {string.Join(", ", All.Select(f => f.Name))}", nameof(name));

    private static DirectFault Silent(IPair pair, LabHost owner, LabHost backup) => new DirectFault(
        "silent", "owner", Damage.Loses(new(owner.Name, "*"), new("*", owner.Name)),
        () => Topology.IsolateSilently(owner), () => Topology.EndSilentIsolation(owner));

    private static DirectFault KillAll(IPair pair, LabHost owner, LabHost backup) => new DirectFault(
        "kill-all", "owner", Damage.Halt(owner.Name), () => pair.KillDaemon(owner), () => Started(pair.Daemon(owner)));

    private static DirectFault Freeze(IPair pair, LabHost owner, LabHost backup)
    {
        var pid = pair.SpeakerPid(owner);
        return new DirectFault("freeze", "owner", Damage.Halt(owner.Name), () => Send(Libc.SigStop), () => Send(Libc.SigCont));

        Task Send(int signal)
        {
            Libc.Check(Libc.Kill(pid, signal), string.Create(CultureInfo.InvariantCulture, $"kill({pid}, {signal})"));
            return Task.CompletedTask;
        }
    }

    private static DirectFault KillProgram(IPair pair, LabHost owner, LabHost backup)
    {
        var http = pair.Observers.Of(owner.Name).Programs.Alive.Single(l => l.Role == "http");
        return new DirectFault("kill-program", "owner", Damage.None, Kill, () => Task.CompletedTask);

        Task Kill()
        {
            Libc.Check(Libc.Kill(http.Pid, Libc.SigKill), "kill(http)");
            return Task.CompletedTask;
        }
    }

    private static DirectFault Stop(IPair pair, LabHost owner, LabHost backup)
    {
        return new DirectFault("stop", "owner", Damage.Halt(owner.Name), Terminate, End);

        Task Terminate()
        {
            pair.Daemon(owner).Process.Signal(Libc.SigTerm);
            return Task.CompletedTask;
        }

        async Task End()
        {
            await pair.Daemon(owner).Process.WaitForExit(TimeSpan.FromSeconds(15));
            await Started(pair.Daemon(owner));
        }
    }

    private static DirectFault Switchover(IPair pair, LabHost owner, LabHost backup) => new DirectFault(
        "switchover", "owner", Damage.None, () => pair.Switchover(owner, backup), () => Task.CompletedTask);

    private static Task Started(IStartable daemon)
    {
        daemon.Start();
        return Task.CompletedTask;
    }
}
