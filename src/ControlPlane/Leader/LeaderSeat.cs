using Grpc.Core;
using HaGrpc.ControlPlane.History;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>Whether this process leads now, or who does, for everybody who needs to know.</summary>
internal sealed class LeaderSeat
{
    /// <summary>Trailer (and, for an agent that waits, header) of a refusal: the leader's URL.</summary>
    public const string LeaderKey = "hagrpc-leader";

    /// <summary>Trailer beside <see cref="LeaderKey"/>: the leader's term.</summary>
    public const string TermKey = "hagrpc-leader-term";

    /// <summary>Header of a call that is held until somebody leads.</summary>
    public const string HoldsKey = "hagrpc-holds";

    private volatile Tenure? _current;
    private volatile string _vacancy = "this control plane has just started";
    private volatile LeaderElsewhere? _elsewhere;

    /// <summary>The leadership in force; null when this process does not lead.</summary>
    public Tenure? Current => _current is { Term.HasEnded: false } tenure ? tenure : null;

    /// <summary>Who leads instead, as the database said last; null when that is not known.</summary>
    public LeaderElsewhere? Elsewhere => Current is null ? _elsewhere : null;

    /// <summary>Why this process does not lead.</summary>
    public string Vacancy => _current is { Term.HasEnded: true } tenure ? tenure.Term.EndReason : _vacancy;

    /// <summary>Pulses when any of this has changed.</summary>
    public EventSignal Changed { get; } = new();

    /// <summary>The leadership in force.</summary>
    /// <exception cref="RpcException">UNAVAILABLE, with the reason and, when it is known, where the leader is.</exception>
    public Tenure Demand() => Current
        ?? throw new RpcException(new Status(StatusCode.Unavailable, $"this control plane does not lead: {Vacancy}"), Directions());

    /// <summary>As <see cref="Demand"/>, but waits for a change of leader first: this process leads, or another one does that
    /// did not lead before.</summary>
    /// <param name="ct">Ends the wait; then the answer is <see cref="Demand"/>'s.</param>
    public async Task<Tenure> DemandSoonAsync(CancellationToken ct)
    {
        var before = _elsewhere?.Term ?? 0;
        while (true)
        {
            var changed = Changed.Next;
            if (Current is { } tenure)
                return tenure;
            if (_elsewhere?.Term > before || ct.IsCancellationRequested)
                return Demand();
            await changed.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Who leads, from where this process stands.</summary>
    public Standing Standing(ProcessIdentity self, OwnAddress address) => Current is { } tenure
        ? new(Role.Leader, tenure.Term.Number, tenure.Since, self.ToString(), address.Url)
        : Elsewhere is { Holder.Length: > 0 } other
            ? new(Role.Follower, other.Term, other.Since, other.Holder, other.Address)
            : new(Role.Undecided, 0, null, "", "");

    /// <summary>Where the leader is, for clients; empty when nobody knows.</summary>
    public Metadata Directions() => Elsewhere is { Address.Length: > 0 } leader
        ? new() { { LeaderKey, leader.Address }, { TermKey, leader.Term.ToString(System.Globalization.CultureInfo.InvariantCulture) } }
        : [];

    /// <summary>From now on this leadership is in force.</summary>
    public void Take(Tenure tenure)
    {
        (_current, _elsewhere) = (tenure, null);
        Changed.Pulse();
    }

    /// <summary>Somebody else leads.</summary>
    public void Follow(string reason, LeaderElsewhere leader)
    {
        var news = _elsewhere != leader || _current is not null;
        (_vacancy, _elsewhere, _current) = (reason, leader, null);
        if (news)
            Changed.Pulse();
    }

    /// <summary>Nobody leads here, and it is not known who does.</summary>
    public void Leave(string reason)
    {
        (_vacancy, _elsewhere, _current) = (reason, null, null);
        Changed.Pulse();
    }
}

/// <summary>Another control plane that leads.</summary>
/// <param name="Term">Its term.</param>
/// <param name="Holder">Which process it is.</param>
/// <param name="Address">Its URL; empty when it has told none.</param>
/// <param name="Since">When it began to lead, by its own wall clock.</param>
internal sealed record LeaderElsewhere(long Term, string Holder, string Address, DateTimeOffset? Since);

/// <summary>What a control plane is among those on one database.</summary>
internal enum Role
{
    /// <summary>It knows of no leader.</summary>
    Undecided,

    /// <summary>It leads.</summary>
    Leader,

    /// <summary>Another one leads.</summary>
    Follower,
}

/// <summary>Who leads, from where one control plane stands.</summary>
/// <param name="Role">What it is itself.</param>
/// <param name="Term">Of the leadership in force; 0 when it knows none.</param>
/// <param name="Since">When that began, by the leader's wall clock.</param>
/// <param name="LeaderId">Which process leads; empty when it knows none.</param>
/// <param name="LeaderAddress">Its URL; empty when it has told none.</param>
internal sealed record Standing(Role Role, long Term, DateTimeOffset? Since, string LeaderId, string LeaderAddress);
