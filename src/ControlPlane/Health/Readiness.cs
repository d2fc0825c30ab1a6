using System.Collections.Immutable;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Health;

/// <summary>Whether this control plane can serve, and why not.</summary>
internal sealed class Readiness(Store store, LeaderSeat seat, ProcessIdentity identity, OwnAddress address) : IDisposable
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
        var standing = seat.Standing(identity, address);
        return new(
            database.Ready && standing.Role != Role.Undecided,
            standing.Role,
            new(database.Ready, database.Detail),
            new(
                standing.Role != Role.Undecided,
                standing.Role == Role.Leader ? $"leads, term {standing.Term}" : seat.Vacancy,
                standing.Term,
                standing.Since,
                standing.LeaderId,
                standing.LeaderAddress),
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
/// <param name="Ready">True: it leads and serves everything, or it follows a leader and serves what the database knows.</param>
/// <param name="Role">Whether it leads.</param>
/// <param name="Database">The database.</param>
/// <param name="Leader">Who leads.</param>
/// <param name="Obstacles">Groups for which nothing can be done now; for information, they do not make it unready.</param>
internal sealed record ReadinessReport(
    bool Ready, Role Role, Reason Database, LeaderReport Leader, ImmutableArray<GroupObstacle> Obstacles);

/// <summary>Who leads.</summary>
/// <param name="Ok">True when somebody does.</param>
/// <param name="Detail">One line for the operator: this one leads, another one does, or why nobody is known to.</param>
/// <param name="Term">The leadership in force; 0 when none is known.</param>
/// <param name="Since">When it began, by the leader's wall clock.</param>
/// <param name="Id">Which process leads.</param>
/// <param name="Address">Its URL.</param>
internal sealed record LeaderReport(bool Ok, string Detail, long Term, DateTimeOffset? Since, string Id, string Address);

/// <summary>One condition.</summary>
/// <param name="Ok">True when it holds.</param>
/// <param name="Detail">One line for the operator.</param>
internal sealed record Reason(bool Ok, string Detail);

/// <summary>A group that cannot be helped now.</summary>
/// <param name="Group">The group.</param>
/// <param name="Detail">Why.</param>
internal sealed record GroupObstacle(string Group, string Detail);
