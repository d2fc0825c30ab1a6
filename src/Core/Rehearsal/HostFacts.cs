using System.Collections.Immutable;
using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Core.Rehearsal;

/// <summary>What a host's directory of users says of one.</summary>
public enum UserState
{
    /// <summary>It has it.</summary>
    Known,

    /// <summary>It does not.</summary>
    Unknown,

    /// <summary>It did not answer in time.</summary>
    Silent,
}

/// <summary>Somebody listens on a TCP port.</summary>
/// <param name="Address">The address; 0.0.0.0 or :: for all.</param>
/// <param name="Pid">Who; 0 when it cannot be seen.</param>
/// <param name="Process">Its name; empty when it cannot be seen.</param>
public sealed record Listener(IPAddress Address, int Pid, string Process);

/// <summary>A TCP port that a program names.</summary>
/// <param name="Source">Where it is named, for example <c>liveness</c> or <c>environment PORT</c>.</param>
/// <param name="Host">Address or name before the port; empty for all addresses.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="IsItsOwn">False when it may as well be a port that it calls.</param>
/// <param name="Listeners">Who listens on that port now, at any address of the host.</param>
public sealed record PortFact(string Source, string Host, int Port, bool IsItsOwn, ImmutableArray<Listener> Listeners);

/// <summary>What a host has for one program.</summary>
/// <param name="Name">The program.</param>
public sealed record ProgramFacts(ProgramName Name)
{
    /// <summary>Why no process can be made of it here, whatever the host has; empty when one can.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Its executable; null when <see cref="Problem"/> says why it was not looked for.</summary>
    public PathFact? Command { get; init; }

    /// <summary>Its user; empty for the agent's own.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether the host has that user.</summary>
    public UserState UserState { get; init; }

    /// <summary>Its working directory; null for the root directory.</summary>
    public FolderFact? Directory { get; init; }

    /// <summary>The folders of its log files.</summary>
    public ImmutableArray<FolderFact> Logs { get; init; } = [];

    /// <summary>Ports that it names; none while it runs here already and has them itself.</summary>
    public ImmutableArray<PortFact> Ports { get; init; } = [];
}

/// <summary>A network interface of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsOperational">True when it is up and has a carrier.</param>
public sealed record LinkFact(string Name, bool IsOperational);

/// <summary>An address of a host.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interface">The interface that carries it.</param>
public sealed record AddressFact(IPAddress Address, string Interface);

/// <summary>Everything that is to be known of a host to judge whether it could take a group over.</summary>
/// <param name="Programs">What it has for each program that it would run.</param>
/// <param name="Links">Its interfaces.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="GateProblem">Why it has no gate (rule W3); empty when it has one.</param>
public sealed record HostFacts(
    ImmutableArray<ProgramFacts> Programs,
    ImmutableArray<LinkFact> Links,
    ImmutableArray<AddressFact> Addresses,
    string GateProblem)
{
    /// <summary>The scripts of the group's VIPs, as the agent would run them.</summary>
    public ImmutableArray<PathFact> Scripts { get; init; } = [];

    /// <summary>How the group's directories compare with the owner's.</summary>
    public ImmutableArray<TreeComparison> Trees { get; init; } = [];
}
