using System.Globalization;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>What an engineer reads when a seed fails: what is wrong, who holds what at that instant, and how it came about.</summary>
internal static class Transcript
{
    private const long MessagesFor = 2_000_000_000;

    public static string Of(Heartbeat heartbeat)
    {
        var parts = heartbeat.Holdings
            .Select(h => string.Create(
                CultureInfo.InvariantCulture, $"owns {h.Group}@{h.Epoch} (view {h.ViewVersion}, {h.LeaseLeft.TotalSeconds:F3} s left)"))
            .Concat(heartbeat.Accepted.Select(a => $"accepts {a.Group}@{a.Epoch}"))
            .Concat(heartbeat.Ending.Select(e => $"is ending {e.Group}@{e.Epoch}"))
            .Concat(heartbeat.Ended.Select(e => $"ended {e.Group}@{e.Epoch}"))
            .Concat(heartbeat.Unfit.Select(u => $"cannot run {u.Group}"))
            .Concat(heartbeat.Weights.Select(w => $"{w.Group} weighs {w.Weight:+0;-0}"))
            .Concat(heartbeat.Promises.Select(p => string.Create(
                CultureInfo.InvariantCulture, $"has promised {p.Group}@{p.Epoch} ({p.Left.TotalSeconds:F3} s left)")))
            .Concat(heartbeat.Seals.Select(s => string.Create(
                CultureInfo.InvariantCulture, $"has sealed {s.Group}@{s.UpTo} (promises for {s.PromiseLeft.TotalSeconds:F3} s)")))
            .Concat(heartbeat.Untold.Select(g => $"knows nothing of {g}"));
        return $"heartbeat {heartbeat.Seq}, heard {heartbeat.AnswerSeq}: {string.Join(", ", parts)}".TrimEnd(' ', ':');
    }

    public static string Of(HeartbeatAnswer answer)
    {
        var parts = answer.Renewals
            .Select(r => string.Create(
                CultureInfo.InvariantCulture, $"renews {r.Group}@{r.Epoch} (view {r.View.Version}, {r.View.Length?.TotalSeconds} s)"))
            .Concat(answer.Revocations.Select(r => $"revokes {r.Group}@{r.Epoch}"))
            .Concat(answer.ReleaseRequests.Select(r => $"asks to release {r.Group}@{r.Epoch}"))
            .Concat(answer.Told.Select(t => $"tells that {t.Group} is ended up to {t.Ended} and sealed up to {t.Sealed}"));
        return $"answer {answer.Seq}: {string.Join(", ", parts)}".TrimEnd(' ', ':');
    }

    /// <param name="seed">The seed.</param>
    /// <param name="removed">What was removed.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="now">Who holds what.</param>
    /// <param name="world">With its transcript.</param>
    /// <param name="whole">All messages, not only the last ones.</param>
    public static string Tell(ulong seed, Rule removed, string what, IEnumerable<string> now, World world, bool whole)
    {
        var without = removed == Rule.None ? "" : $" without {removed}";
        var lines = world.Transcript.Where(l => whole || !l.Routine || l.At > world.Now - MessagesFor).Select(l => l.ToString());
        var head = string.Create(CultureInfo.InvariantCulture, $"seed {seed}{without}: {what}, {world.Now / 1e9:F4} s after the start");
        return string.Join('\n', [head, "", "Then:", .. now, "", "  second    who   what", .. lines]);
    }
}
