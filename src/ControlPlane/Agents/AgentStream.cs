using System.Net;
using System.Threading.Channels;
using Grpc.Core;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>
/// One attached agent's stream. What is to be sent waits in a short queue; an agent that does not keep up is cut off
/// rather than buffered for, because what it would get then is old.
/// </summary>
/// <param name="Host">The host's name.</param>
/// <param name="Instance">The agent's instance.</param>
/// <param name="BootId">Of its kernel.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="AgentVersion">As it says.</param>
internal sealed record AgentStream(string Host, Guid Instance, Guid BootId, string Address, string AgentVersion)
{
    private const int Capacity = 128;
    private const int MostAsks = 8;

    private readonly Channel<AttachResponse> _outgoing = Channel.CreateBounded<AttachResponse>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly TaskCompletionSource<Status> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _asks;

    /// <summary>Unique for this process, rising (rule L2); set when it is admitted.</summary>
    public long Id { get; init; }

    /// <summary>True: it knows how to send logs.</summary>
    public bool SendsLogs { get; init; }

    /// <summary>True: it knows which users its host has.</summary>
    public bool KnowsAccounts { get; init; }

    /// <summary>True: it rehearses takeovers.</summary>
    public bool Rehearses { get; init; }

    /// <summary>True: it compares directories with the owner's.</summary>
    public bool ComparesDirectories { get; init; }

    /// <summary>True: it counts the clients of its groups.</summary>
    public bool CountsClients { get; init; }

    /// <summary>True: it keeps its hands off what is observed, and says what it sees of it.</summary>
    public bool Observes { get; init; }

    /// <summary>Where other agents reach it, as it says: HOST:PORT, or :PORT for the address that it connects from; empty for nowhere.</summary>
    public string PeerAddress { get; init; } = "";

    /// <summary>The address that it connects from; null when the connection has none.</summary>
    public IPAddress? RemoteAddress { get; init; }

    /// <summary>Its certificate, as it is stored when it is revoked and was made by others; null without mutual TLS.</summary>
    public StoredCertificate? Certificate { get; init; }

    /// <summary>True: it runs on this machine.</summary>
    public bool IsFromLoopback => RemoteAddress is { } address && IPAddress.IsLoopback(address);

    /// <summary>When it was admitted.</summary>
    public BootInstant AttachedAt { get; init; }

    /// <summary>Why it is to go when it has ended everything: its host was deleted; null for any other. Set on the loop's thread.</summary>
    public string? Dismissal { get; set; }

    /// <summary>Completes when the control plane wants the stream to end, with the status that the agent is to see.</summary>
    public Task<Status> Ended => _ended.Task;

    /// <summary>What is to be sent, in order.</summary>
    public ChannelReader<AttachResponse> Outgoing => _outgoing.Reader;

    /// <summary>Queues a message; never waits.</summary>
    public void Tell(AttachResponse message)
    {
        if (!_outgoing.Writer.TryWrite(message))
            End(StatusCode.ResourceExhausted, $"the agent has not taken {Capacity} messages: its stream is ended");
    }

    /// <summary>False when as many questions as are allowed at once are being answered.</summary>
    public bool BeginAsk()
    {
        if (Interlocked.Increment(ref _asks) <= MostAsks)
            return true;
        EndAsk();
        return false;
    }

    /// <summary>A question is answered.</summary>
    public void EndAsk() => Interlocked.Decrement(ref _asks);

    /// <summary>Ends the stream; only the first status counts.</summary>
    public void End(StatusCode code, string detail)
    {
        if (_ended.TrySetResult(new Status(code, detail)))
            _outgoing.Writer.TryComplete();
    }
}
