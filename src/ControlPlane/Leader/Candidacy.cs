using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// Brings the schema up to date, runs for the leadership, leads, and runs again when it was lost; until shutdown, which
/// releases the leadership so that nobody has to wait (rule S3).
/// </summary>
internal sealed partial class Candidacy(
    Store store,
    LeaderSeat seat,
    TenureSetup setup,
    ProcessIdentity identity,
    IHostApplicationLifetime lifetime,
    ILogger<Candidacy> log) : IHostedService
{
    private static readonly LeadershipTerms Terms = LeadershipTerms.Default;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromMilliseconds(800);
    private Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => RunAsync(lifetime.ApplicationStopping), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await MigrateAsync(stopping);
            while (!stopping.IsCancellationRequested)
            {
                if (await WinAsync(stopping) is { } won)
                    await LeadAsync(won.Term, won.Hold, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Shutdown before anything was won.
        }
#pragma warning disable CA1031 // Whatever it is: a control plane that never leads again must not look alive.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroken(log, e);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private async Task MigrateAsync(CancellationToken stopping)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var result = await store.MigrateAsync(stopping);
                LogDatabase(log, store.Description, result.From, result.To);
                return;
            }
            catch (StorageException e)
            {
                seat.Leave(e.Message);
                if (attempt % 10 == 0)
                    LogDatabaseAway(log, e.Message);
                await PauseAsync(attempt, stopping);
            }
        }
    }

    /// <summary>Watches the row until it may be taken, and takes it.</summary>
    private async Task<(TermInForce Term, LeadershipHold Hold)?> WinAsync(CancellationToken stopping)
    {
        var challenge = new LeadershipChallenge(Terms);
        var reason = "";
        for (var failures = 0; ;)
        {
            try
            {
                var row = await store.Leadership.ReadAsync(stopping);
                var verdict = challenge.Judge(
                    new(row.Term, row.Holder, row.Counter), identity.KnowsToBeOver(row.Holder), Now);
                if (verdict.Take)
                {
                    var stamp = Now;
                    if (await store.Leadership.TakeAsync(row.Term, row.Counter, identity.ToString(), stopping) is { } term)
                    {
                        var hold = new LeadershipHold(Terms, stamp);
                        LogTaken(log, term, verdict.Reason);
                        return (new TermInForce(term, Now, hold.EndsAt), hold);
                    }
                    continue;
                }
                seat.Leave(verdict.Reason);
                if (reason != verdict.Reason)
                    LogWaiting(log, reason = verdict.Reason);
                failures = 0;
                await Task.Delay(TimeSpan.FromTicks(Math.Clamp(
                    (verdict.At - Now).Ticks, TimeSpan.TicksPerMillisecond, Terms.Interval.Ticks)), stopping);
            }
            catch (StorageException e)
            {
                seat.Leave(e.Message);
                if (failures++ % 10 == 0)
                    LogDatabaseAway(log, e.Message);
                await PauseAsync(failures, stopping);
            }
        }
    }

    private async Task LeadAsync(TermInForce term, LeadershipHold hold, CancellationToken stopping)
    {
        using (stopping.Register(() => term.End("it is shutting down")))
        using (term)
        {
            var renewing = RenewAsync(term, hold);
            await setup.BeginAsync(term);
            await term.Over;
            await renewing;
            seat.Leave(term.EndReason);
            LogOver(log, term.Number, term.EndReason);
            if (stopping.IsCancellationRequested)
                await ReleaseAsync(term.Number);
        }
    }

    private async Task RenewAsync(TermInForce term, LeadershipHold hold)
    {
        while (!term.HasEnded)
        {
            try
            {
                await Task.Delay(Positive(hold.RenewAt - Now), term.Ended);
                var stamp = Now;
                if (!await store.Leadership.RenewAsync(term.Number, term.Ended))
                    term.End("another control plane has taken the leadership");
                else if (!hold.Renewed(stamp, Now))
                    term.End("its renewal came too late");
                else
                    term.EndsAt = hold.EndsAt;
            }
            catch (StorageException e)
            {
                LogNotRenewed(log, term.Number, e.Message);
                hold.NotRenewed(Now);
            }
            catch (OperationCanceledException) when (term.Ended.IsCancellationRequested)
            {
                return;
            }
        }
        term.End("its leadership could not be renewed in time");
    }

    private async Task ReleaseAsync(long term)
    {
        using var patience = new CancellationTokenSource(ReleaseTimeout);
        try
        {
            await store.Leadership.ReleaseAsync(term, patience.Token);
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            LogNotReleased(log, term, e.Message);
        }
    }

    private static Task PauseAsync(int attempt, CancellationToken ct) => Task.Delay(
        TimeSpan.FromMilliseconds(Math.Min(50 << Math.Min(attempt, 8), LongestPause.TotalMilliseconds)), ct);

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    [LoggerMessage(1020, LogLevel.Information, "{Database}: schema version {From} brought to {To}")]
    private static partial void LogDatabase(ILogger log, string database, long from, long to);

    [LoggerMessage(1021, LogLevel.Error, "the database cannot be used, trying again: {Reason}")]
    private static partial void LogDatabaseAway(ILogger log, string reason);

    [LoggerMessage(1022, LogLevel.Information, "leads, term {Term}: {Reason}")]
    private static partial void LogTaken(ILogger log, long term, string reason);

    [LoggerMessage(1023, LogLevel.Information, "does not lead: {Reason}")]
    private static partial void LogWaiting(ILogger log, string reason);

    [LoggerMessage(1024, LogLevel.Warning, "leads no more, term {Term}: {Reason}")]
    private static partial void LogOver(ILogger log, long term, string reason);

    [LoggerMessage(1025, LogLevel.Warning, "the leadership of term {Term} was not renewed, trying again: {Reason}")]
    private static partial void LogNotRenewed(ILogger log, long term, string reason);

    [LoggerMessage(1026, LogLevel.Warning, "the leadership of term {Term} was not released, the next leader waits: {Reason}")]
    private static partial void LogNotReleased(ILogger log, long term, string reason);

    [LoggerMessage(1027, LogLevel.Critical, "a defect was met while running for the leadership: the control plane ends")]
    private static partial void LogBroken(ILogger log, Exception e);
}
