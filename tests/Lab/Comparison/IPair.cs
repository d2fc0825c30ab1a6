using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>Hosts A and B under one system, watched by the same observers as under any other.</summary>
internal interface IPair : IAsyncDisposable
{
    Topology Topology { get; }

    Observers Observers { get; }

    /// <summary>Makes it whole, whatever the run before has left, and returns its owner when that one answers the client.</summary>
    Task<LabHost> Ready();

    /// <summary>The process that an operator starts and stops there: agent or keepalived.</summary>
    IStartable Daemon(LabHost host);

    /// <summary>kill -9 of everything that the daemon consists of, programs and their supervisors not among it.</summary>
    Task KillDaemon(LabHost host);

    /// <summary>The process that says that the host is alive.</summary>
    int SpeakerPid(LabHost host);

    /// <summary>Moves the ownership as an operator does who means to.</summary>
    Task Switchover(LabHost from, LabHost to);
}
