using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Core.Replicas;
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
    OwnAddress address,
    ChangeListener changes,
    EventWriter history,
    FirstAdmin admin,
    IHostApplicationLifetime lifetime,
    ILogger<Candidacy> log) : IHostedService, IAsyncDisposable
{
    private static readonly LeadershipTerms Terms = LeadershipTerms.Default;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromMilliseconds(800);

    // How often a follower looks whether a leader on its own machine is still there: far cheaper than a query.
    private static readonly TimeSpan NeighbourLook = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _disposing = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private Task _running = Task.CompletedTask;
    private int _isDisposed;
    private (long Term, BootInstant Until)? _led;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => RunAsync(_disposing.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    /// <summary>Waits until nothing of it uses the database any more: a start that fails, for example because an address is in use, is not
    /// followed by a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        // It is registered as itself and as a hosted service, and put away as both.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _disposing.CancelAsync();
        await _running;
        _disposing.Dispose();
    }

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await MigrateAsync(stopping);
            await StartedAsync(stopping); // Whoever leads can be reached.
            while (!stopping.IsCancellationRequested)
            {
                if (await WinAsync(stopping) is { } won)
                    await LeadAsync(won, stopping);
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
                if ((await store.Operators.ReadAsync(stopping)).IsEmpty && !admin.IsWaiting)
                    LogOpen(log);
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

    private async Task StartedAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
    }

    /// <summary>Watches the row until it may be taken, and takes it.</summary>
    private async Task<Won?> WinAsync(CancellationToken stopping)
    {
        var (challenge, database) = (new LeadershipChallenge(Terms), DatabaseIdentity.Unknown);
        var reason = "";
        for (var failures = 0; ;)
        {
            try
            {
                var changed = changes.Leadership.Next;
                var row = await store.Leadership.ReadAsync(stopping);
                if (row.ReadIn.Differs(database))
                    challenge = new(Terms); // What was seen in another database says nothing about this one (rule S4).
                database = row.ReadIn;
                var (seen, isOver) = Succession.Judge(
                    new(row.Term, row.Holder, row.Counter),
                    row.TakenIn.Differs(row.ReadIn),
                    _led is { } led && led.Term == row.Term && Now < led.Until,
                    identity.KnowsToBeOver(row.Holder));
                var verdict = challenge.Judge(seen, isOver, Now);
                if (verdict.Take)
                {
                    var stamp = Now;
                    if (await store.Leadership.TakeAsync(row.Term, row.Counter, identity.ToString(), address.Url, stopping) is { } term)
                    {
                        var hold = new LeadershipHold(Terms, stamp);
                        LogTaken(log, term, verdict.Reason);
                        TellOfDatabase(row, term);
                        return new(
                            new TermInForce(term, Now, hold.EndsAt)
                            {
                                Counter = row.Counter + 1,
                                IsOtherDatabase = row.TakenIn.Differs(row.ReadIn),
                            },
                            hold,
                            row.ReadIn);
                    }
                    continue;
                }
                var who = row.Address.Length > 0 ? $"{verdict.Reason} at {row.Address}" : verdict.Reason;
                seat.Follow(who, new(row.Term, row.Holder, row.Address, row.TakenAt));
                if (reason != who)
                    LogWaiting(log, reason = who);
                failures = 0;
                await WaitAsync(row.Holder, verdict.At, changed, stopping);
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

    /// <summary>Until the row has changed, its holder has died beside us, or it is time to look.</summary>
    private async Task WaitAsync(string holder, BootInstant at, Task changed, CancellationToken stopping)
    {
        var until = BootInstant.Min(at, Now + Terms.Interval);
        while (Now < until && !changed.IsCompleted && !identity.KnowsToBeOver(holder))
        {
            var look = until - Now < NeighbourLook ? until - Now : NeighbourLook;
            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromTicks(Math.Max(look.Ticks, TimeSpan.TicksPerMillisecond)), stopping));
            stopping.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Rule S4: whoever reads the history has to know that it may have lost its newest lines.</summary>
    private void TellOfDatabase(Leadership row, long term)
    {
        if (!row.TakenIn.Differs(row.ReadIn))
            return;
        LogOtherDatabase(log, row.TakenIn.ToString(), row.ReadIn.ToString());
        history.Write(new EventRecord
        {
            Kind = "DatabaseChanged",
            Message = $"the database was {row.TakenIn} and is {row.ReadIn}: a standby was promoted or a backup restored. "
                + $"Term {term} begins as any new leadership does: it waits for what the agents report",
        });
    }

    private async Task LeadAsync(Won won, CancellationToken stopping)
    {
        var (term, hold, _) = won;
        using (stopping.Register(() => term.End("it is shutting down")))
        using (term)
        {
            var renewing = RenewAsync(won);
            await setup.BeginAsync(term);
            await term.Over;
            await renewing;
            _led = (term.Number, hold.EndsAt);
            seat.Leave(term.EndReason);
            LogOver(log, term.Number, term.EndReason);
            if (stopping.IsCancellationRequested)
                await ReleaseAsync(term.Number);
        }
    }

    private async Task RenewAsync(Won won)
    {
        var (term, hold, database) = won;
        while (!term.HasEnded)
        {
            try
            {
                await Task.Delay(Positive(hold.RenewAt - Now), term.Ended);
                var stamp = Now;
                // A renewal that a promoted standby lacks is found by the change of database, where that can be seen.
                var counter = await store.Leadership.RenewAsync(term.Number, term.CounterFloor, hereOnly: database.IsKnown, term.Ended);
                var answering = await store.ReadIdentityAsync(term.Ended);
                if (answering.Differs(database))
                    term.End($"the database was {database} and is {answering}: a standby was promoted or a backup restored (rule S4)");
                else if (counter is not { } written)
                    term.End("another control plane has taken the leadership");
                else if (!hold.Renewed(stamp, Now))
                    term.End("its renewal came too late");
                else
                    (term.EndsAt, term.Counter) = (hold.EndsAt, written);
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

    /// <summary>A leadership that was just taken.</summary>
    /// <param name="Term">It.</param>
    /// <param name="Hold">Until when it may act.</param>
    /// <param name="Database">Where it was taken.</param>
    private sealed record Won(TermInForce Term, LeadershipHold Hold, DatabaseIdentity Database);

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

    [LoggerMessage(1028, LogLevel.Warning,
        "the database was {Before} and is {Now}: a standby was promoted or a backup restored, its newest entries may be missing")]
    private static partial void LogOtherDatabase(ILogger log, string before, string now);

    [LoggerMessage(1082, LogLevel.Warning,
        "no operator is registered: whoever reaches this control plane may do everything (hactl operator add NAME --role admin)")]
    private static partial void LogOpen(ILogger log);

    [LoggerMessage(1027, LogLevel.Critical, "a defect was met while running for the leadership: the control plane ends")]
    private static partial void LogBroken(ILogger log, Exception e);
}
