using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Agent.Ownership;

/// <summary>When promotions came and when they were on disk: a claim's timeline begins with its promotion (rule C7).</summary>
internal sealed class Promotions
{
    private readonly Dictionary<string, Promotion> _known = new(StringComparer.Ordinal);

    /// <summary>A promotion has come, perhaps not for the first time.</summary>
    public void Note(string group, long epoch)
    {
        if (!_known.TryGetValue(group, out var known) || known.Epoch < epoch)
            _known[group] = new(epoch, OwnershipLoop.Now, OwnershipLoop.Now);
    }

    /// <summary>The acceptance of a promotion is on disk.</summary>
    public void NoteAccepted(string group, long epoch)
    {
        if (_known.TryGetValue(group, out var promotion) && promotion.Epoch == epoch)
            _known[group] = promotion with { AcceptedAt = OwnershipLoop.Now };
    }

    /// <summary>The timeline of a claim that begins now, with what came before it.</summary>
    public Timeline Begin(Claim claim)
    {
        if (!_known.Remove(claim.Group, out var promotion) || promotion.Epoch != claim.Epoch)
            return new Timeline(OwnershipLoop.Now);
        var timeline = new Timeline(promotion.At);
        timeline.Add("accept", promotion.At, "", promotion.AcceptedAt - promotion.At);
        timeline.Add("lease", promotion.AcceptedAt, "");
        return timeline;
    }

    private sealed record Promotion(long Epoch, BootInstant At, BootInstant AcceptedAt);
}
