using System.Collections.Immutable;
using System.Threading.Channels;
using Grpc.Core;
using HaGrpc.Ctl.Language;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Connection;

/// <summary>
/// Finds the control plane that leads by asking all of them at the same time, each again and again by itself, so that one that
/// says nothing delays no other. Nothing that one of them says about another is followed: the operator's list is what hactl
/// trusts, and asking it costs one round trip.
/// </summary>
/// <param name="replicas">All of them.</param>
/// <param name="time">For how long it waits.</param>
internal sealed class LeaderFinder(ImmutableArray<Replica> replicas, TimeProvider time)
{
    /// <summary>Trailer of the failure when none was found: its detail tells of all endpoints.</summary>
    internal const string SearchKey = "hactl-searched";

    // As for a single one that is asked something.
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    // How long one that does not lead has to wait for those that have said nothing yet.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    // A new leader comes within 5 s of the old one's end.
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Finds the leader.</summary>
    /// <param name="followerWillDo">True: when there is none now, one that does not lead is good enough.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcException">UNAVAILABLE, with what each endpoint said.</exception>
    internal async Task<Replica> FindAsync(bool followerWillDo, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var limit = new CancellationTokenSource(Takeover, time);
        using var courtesy = new CancellationTokenSource(Courtesy, time);
        var reports = Channel.CreateUnbounded<Report>();
        // Both only make it look again at what is known.
        using var wakes = limit.Token.Register(() => reports.Writer.TryWrite(new(null, Standing.Silent, "")));
        using var wakesToo = courtesy.Token.Register(() => reports.Writer.TryWrite(new(null, Standing.Silent, "")));
        var asking = replicas.Select(replica => AskAsync(replica, reports.Writer, over.Token)).ToArray();
        try
        {
            var latest = replicas.ToDictionary(r => r, r => new Report(r, Standing.Silent, Speech.Of($"{r.Endpoint.Url} has not answered yet")));
            while (true)
            {
                var report = await reports.Reader.ReadAsync(cancellation).ConfigureAwait(false);
                if (report.Standing == Standing.Leads)
                    return report.Replica!;
                if (report.Replica is not null)
                    latest[report.Replica] = report;
                var all = replicas.Select(r => latest[r]).ToArray();
                var heardAll = all.All(r => r.Standing != Standing.Silent);
                if (followerWillDo && (heardAll || courtesy.IsCancellationRequested)
                    && all.FirstOrDefault(r => r.Standing == Standing.Alive) is { } follower)
                {
                    return follower.Replica!;
                }
                if ((heardAll && all.All(r => r.Standing == Standing.Away)) || limit.IsCancellationRequested)
                {
                    throw new RpcException(
                        new(StatusCode.Unavailable, Speech.Of($"no control plane leads: {string.Join("; ", all.Select(r => r.Said))}")),
                        new Metadata { { SearchKey, "1" } });
                }
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(asking).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(Replica replica, ChannelWriter<Report> reports, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var report = await AskOnceAsync(replica, over).ConfigureAwait(false);
            if (over.IsCancellationRequested)
                return;
            reports.TryWrite(report);
            if (report.Standing == Standing.Leads)
                return;
            await Task.Delay(Pause, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Report> AskOnceAsync(Replica replica, CancellationToken over)
    {
        using var limit = new CancellationTokenSource(Answer, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(over, limit.Token);
        var url = replica.Endpoint.Url;
        try
        {
            var said = await replica.Admin.GetControlPlaneAsync(new(), cancellationToken: patience.Token).ConfigureAwait(false);
            return said.Role == ControlPlaneRole.Leader
                ? new(replica, Standing.Leads, "")
                : new(replica, Standing.Alive, Speech.Of($"{url} says: {said.Detail}"));
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            return new(replica, Standing.Leads, ""); // An older control plane; its own words say the rest.
        }
        catch (RpcException failure)
        {
            return new(replica, Standing.Away, patience.IsCancellationRequested
                ? Speech.Of($"cannot connect to {url}: no answer within {Answer.TotalSeconds:F0} s")
                : CallFailure.Explain(failure, replica.Endpoint).Message);
        }
    }

    private enum Standing
    {
        /// <summary>It has not said anything yet.</summary>
        Silent,

        /// <summary>It cannot be reached, or fails.</summary>
        Away,

        /// <summary>It answers and does not lead.</summary>
        Alive,

        /// <summary>It leads.</summary>
        Leads,
    }

    private sealed record Report(Replica? Replica, Standing Standing, string Said);
}
