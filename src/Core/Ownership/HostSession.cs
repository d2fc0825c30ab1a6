using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Whether a host can be heard.</summary>
public enum HostLiveness
{
    /// <summary>Never heard by this leader.</summary>
    Unknown,

    /// <summary>Heartbeats come in time.</summary>
    Live,

    /// <summary>Heartbeats are late; leases may still be held.</summary>
    Suspect,

    /// <summary>Silent for longer than any of its leases and margins.</summary>
    Dead,
}

/// <summary>
/// What the leader knows of one host's stream. A host is live both ways when its last heartbeat is young and echoes an
/// answer that was young when it came (rule C5): a heartbeat alone would promote a host that cannot hear.
/// </summary>
internal sealed class HostSession(string host, Rule removed)
{
    private const int RememberedAnswers = 64;
    private readonly Dictionary<long, BootInstant> _answeredAt = [];
    private readonly Dictionary<string, BootInstant> _weighedSince = new(StringComparer.Ordinal);
    private long _seq;
    private BootInstant _echoAnsweredAt;

    public string Host { get; } = host;

    public long StreamId { get; private set; }

    public Guid Instance { get; private set; }

    public HostLiveness Liveness { get; set; }

    public BootInstant LastHeartbeatAt { get; private set; }

    /// <summary>Since when it has been live without a break.</summary>
    public BootInstant LiveSince { get; set; }

    /// <summary>S1: until when it accepts no promotion.</summary>
    public BootInstant AcceptsFrom { get; private set; }

    /// <summary>Why it cannot run a group, by group, as it says itself.</summary>
    public ImmutableDictionary<string, string> Unfit { get; private set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What its checks add to its priority, by group, as it says itself; what is missing is 0.</summary>
    public ImmutableDictionary<string, int> Weights { get; private set; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Who wants this host empty, and why, for people; empty when nobody does.</summary>
    public string Drained { get; set; } = "";

    /// <summary>S2: groups of which it has nothing on disk.</summary>
    public ImmutableArray<string> Untold { get; private set; } = [];

    /// <summary>C10: of the kernel under the agent, as it said last; empty when this leader has had no stream of the host.</summary>
    public Guid BootId { get; private set; }

    /// <summary>C10: the host is confirmed to be off, and has not been heard since; null for any other.</summary>
    public HostFence? Fence { get; set; }

    /// <summary>C10: what its fence device is doing.</summary>
    public FenceAttempts Fencing { get; } = new();

    public bool Attached => StreamId != 0 && Fence is null;

    public void Attach(StreamAttached attached)
    {
        BootId = attached.BootId;
        if (attached.Instance != Instance)
        {
            _seq = 0;
            _answeredAt.Clear();
            _echoAnsweredAt = BootInstant.Zero;
        }
        (StreamId, Instance) = (attached.StreamId, attached.Instance);
    }

    public void Detach(long streamId)
    {
        if (streamId == StreamId)
            StreamId = 0;
    }

    /// <summary>L2: false when the heartbeat belongs to another stream or instance, or is not newer.</summary>
    public bool Accept(long streamId, Heartbeat heartbeat, BootInstant now)
    {
        if (streamId != StreamId || heartbeat.Instance != Instance || heartbeat.Seq <= _seq)
            return false;
        _seq = heartbeat.Seq;
        LastHeartbeatAt = now;
        AcceptsFrom = now + heartbeat.PromotionGraceLeft;
        Untold = heartbeat.Untold;
        if (!heartbeat.Unfit.IsEmpty || !Unfit.IsEmpty)
            Unfit = heartbeat.Unfit.ToImmutableDictionary(u => u.Group, u => u.Reason, StringComparer.Ordinal);
        if (!heartbeat.Weights.IsEmpty || !Weights.IsEmpty)
            NoteWeights(heartbeat.Weights.ToImmutableDictionary(w => w.Group, w => w.Weight, StringComparer.Ordinal), now);
        if (_answeredAt.TryGetValue(heartbeat.AnswerSeq, out var answeredAt))
            _echoAnsweredAt = answeredAt;
        return true;
    }

    /// <summary>When what it says of its weight for a group has changed last; <see cref="BootInstant.Zero"/> when it has always been none.</summary>
    public BootInstant WeighedSince(string group) => _weighedSince.GetValueOrDefault(group, BootInstant.Zero);

    public void Answered(long seq, BootInstant now)
    {
        _answeredAt[seq] = now;
        _answeredAt.Remove(seq - RememberedAnswers);
    }

    /// <summary>C5.</summary>
    public bool IsLiveBothWays(TimeSpan heartbeat, BootInstant now) =>
        Attached
        && LastHeartbeatAt != BootInstant.Zero
        && now - LastHeartbeatAt <= heartbeat * 2
        && (removed.HasFlag(Rule.C5BothWays)
            || (_echoAnsweredAt != BootInstant.Zero && LastHeartbeatAt - _echoAnsweredAt <= heartbeat * 2));

    private void NoteWeights(ImmutableDictionary<string, int> weights, BootInstant now)
    {
        foreach (var group in Weights.Keys.Union(weights.Keys))
        {
            if (weights.GetValueOrDefault(group) != Weights.GetValueOrDefault(group))
                _weighedSince[group] = now;
        }
        Weights = weights;
    }
}
