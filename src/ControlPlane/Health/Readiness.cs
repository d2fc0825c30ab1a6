using System.Collections.Immutable;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Health;

/// <summary>Whether this control plane can serve, and why not.</summary>
internal sealed class Readiness(Store store, LeaderSeat seat) : IDisposable
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (BootInstant At, StorageHealth Health)? _last;

    /// <summary>Looks now; at the database at most once a second.</summary>
    public async Task<ReadinessReport> LookAsync(CancellationToken ct)
    {
        var database = await DatabaseAsync(ct);
        var tenure = seat.Current;
        var obstacles = tenure is null ? [] : await ObstaclesAsync(tenure, ct);
        return new(
            database.Ready && tenure is not null,
            new(database.Ready, database.Detail),
            new(tenure is not null, tenure is null ? seat.Vacancy : $"leads, term {tenure.Term.Number}"),
            obstacles);
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<StorageHealth> DatabaseAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var now = new BootInstant(BootClock.Nanoseconds);
            if (_last is { } last && now - last.At < LookAgainAfter)
                return last.Health;
            var health = await CheckAsync(ct);
            _last = (now, health);
            return health;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<StorageHealth> CheckAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await store.CheckAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(false, $"{store.Description}: no answer within {Patience.TotalSeconds} s");
        }
    }

    private static async Task<ImmutableArray<GroupObstacle>> ObstaclesAsync(Tenure tenure, CancellationToken ct)
    {
        var names = tenure.Registry.Current.Groups.Select(g => g.Spec.Name).ToArray();
        try
        {
            return await tenure.Loop.RunAsync<ImmutableArray<GroupObstacle>>(() =>
            [
                .. names.Select(name => (Name: name, Report: tenure.Loop.ReportGroup(name)))
                    .Where(g => g.Report is { Obstacle.Length: > 0 })
                    .Select(g => new GroupObstacle(g.Name, g.Report!.Obstacle)),
            ]).WaitAsync(ct);
        }
        catch (Grpc.Core.RpcException)
        {
            return []; // The leadership has just ended.
        }
    }
}

/// <summary>What <c>/readyz</c> answers.</summary>
/// <param name="Ready">True: agents and hactl are served.</param>
/// <param name="Database">The database.</param>
/// <param name="Leader">The leadership.</param>
/// <param name="Obstacles">Groups for which nothing can be done now; for information, they do not make it unready.</param>
internal sealed record ReadinessReport(
    bool Ready, Reason Database, Reason Leader, ImmutableArray<GroupObstacle> Obstacles);

/// <summary>One condition.</summary>
/// <param name="Ok">True when it holds.</param>
/// <param name="Detail">One line for the operator.</param>
internal sealed record Reason(bool Ok, string Detail);

/// <summary>A group that cannot be helped now.</summary>
/// <param name="Group">The group.</param>
/// <param name="Detail">Why.</param>
internal sealed record GroupObstacle(string Group, string Detail);
