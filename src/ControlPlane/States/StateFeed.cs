using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.States;

/// <summary>
/// Looks how the fleet stands, once for all who follow it, and only while somebody does: at once when something is reported or stored, then not again for a moment, so that a
/// swarm of changes is one look.
/// </summary>
internal sealed partial class StateFeed(
    LeaderSeat seat, ListCalls lists, StoredLists stored, EventSignal history, TimeProvider time, ILogger<StateFeed> log) : IDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    // What nobody reports: that a host has fallen silent, that a leadership is over by the clock, and on a follower what no notice came of.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private StatePicture? _picture;
    private readonly EventSignal _asked = new();
    private long _lastVersion;
    private long _begun;
    private long _done;
    private RpcException? _failure;
    private CancellationTokenSource? _stop;
    private int _readers;

    /// <summary>Pulses when there may be news.</summary>
    public EventSignal Changed { get; } = new();

    /// <summary>Whether somebody follows.</summary>
    public bool IsWatched
    {
        get
        {
            lock (_lock)
                return _readers > 0;
        }
    }

    /// <summary>What leadership is in force, as far as this process knows: equal for as long as that does not change.</summary>
    public object Standing => (object?)seat.Current ?? (object?)seat.Elsewhere ?? seat;

    /// <summary>Looks from now on, until what is returned is disposed of.</summary>
    /// <param name="look">The number of the first look that begins now or later: what a look before it has seen may be older than what the reader has done.</param>
    public IDisposable Follow(out long look)
    {
        lock (_lock)
        {
            look = _begun + 1;
            _asked.Pulse();
            if (_readers++ == 0)
            {
                _stop = new CancellationTokenSource();
                var token = _stop.Token;
                _ = Task.Run(() => RunAsync(token), CancellationToken.None);
            }
        }
        return new Reader(this);
    }

    /// <summary>What a reader does not know yet.</summary>
    /// <param name="standing">The leadership that it began under.</param>
    /// <param name="look">The number of the look that it has to have been seen by.</param>
    /// <param name="seen">The number of the change that it has seen last; below 0 for none.</param>
    /// <param name="wants">Which groups, and programs of them.</param>
    /// <returns>Null for nothing.</returns>
    /// <exception cref="RpcException">The last look has failed.</exception>
    public StateNews? Since(object standing, long look, long seen, Func<string, string, bool> wants)
    {
        lock (_lock)
        {
            if (_done < look)
                return null;
            if (_picture is null && _failure is not null)
                throw new RpcException(_failure.Status, _failure.Trailers);
            return _picture is { } picture && Equals(picture.Standing, standing) ? picture.Since(seen, wants) : null;
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var specs = new WrittenSpecs();
        while (!stop.IsCancellationRequested)
        {
            var standing = Standing;
            var tenure = standing as Tenure;
            // Taken before the look, so that nothing is missed that comes while it lasts.
            Task[] next = tenure is null
                ? [_asked.Next, history.Next, seat.Changed.Next] : [_asked.Next, history.Next, seat.Changed.Next, tenure.Programs.Reported.Next];
            if (await LookAsync(standing, tenure, specs, stop))
                Changed.Pulse();
            try
            {
                await Task.Delay(Gathering, time, stop);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
                await Task.WhenAny([.. next, Task.Delay(Look, time, either.Token)]);
                await either.CancelAsync();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <returns>True when there is something to tell.</returns>
    private async Task<bool> LookAsync(object standing, Tenure? tenure, WrittenSpecs specs, CancellationToken stop)
    {
        long look;
        lock (_lock)
            look = ++_begun;
        try
        {
            var (programs, limits) = tenure is not null ? (await ProgramsAsync(tenure, specs), "") : await StoredAsync(stop);
            var groups = tenure is not null ? await lists.GroupsAsync(new(), stop) : await stored.GroupsAsync(new(), stop);
            lock (_lock)
            {
                if (stop.IsCancellationRequested)
                    return false;
                _failure = null;
                if (_picture is null || !Equals(_picture.Standing, standing))
                    _picture = new(standing, _lastVersion);
                _ = _picture.Take(programs, groups.Groups, limits);
                (_lastVersion, _done) = (_picture.Version, look);
                return true;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is RpcException or StorageException)
        {
            return Fail(e as RpcException ?? new(new Status(StatusCode.Unavailable, e.Message)), look, stop);
        }
#pragma warning disable CA1031 // A defect: whoever follows is told, and the next look may go well.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
            return Fail(new(new Status(StatusCode.Internal, $"states cannot be looked at: {e.Message}")), look, stop);
        }
    }

    private bool Fail(RpcException why, long look, CancellationToken stop)
    {
        lock (_lock)
        {
            if (!stop.IsCancellationRequested)
                (_picture, _failure, _done) = (null, why, look);
        }
        return true;
    }

    private static async Task<List<ProgramLine>> ProgramsAsync(Tenure tenure, WrittenSpecs specs)
    {
        var registry = tenure.Registry.Current;
        specs.Follow(registry);
        var groups = registry.Programs.Select(p => p.Spec.Name.Group).Distinct(StringComparer.Ordinal).ToArray();
        var places = await tenure.Loop.RunAsync(() => groups.ToDictionary(g => g, g => ProgramPlaces.Of(tenure, g), StringComparer.Ordinal));
        var lines = new List<ProgramLine>(registry.Programs.Length);
        foreach (var program in registry.Programs)
            lines.AddRange(ListCalls.LinesOf(tenure, registry, program, specs.Of(program), places[program.Spec.Name.Group]));
        return lines;
    }

    private async Task<(List<ProgramLine> Programs, string Limits)> StoredAsync(CancellationToken ct)
    {
        var programs = await stored.ProgramsAsync(new(), ct);
        return ([.. programs.Programs], programs.Limits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _stop?.Cancel();
            _stop?.Dispose();
            _stop = null;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_readers > 0)
                return;
            _stop?.Cancel();
            _stop?.Dispose();
            (_stop, _picture, _failure) = (null, null, null);
        }
    }

    [LoggerMessage(1220, LogLevel.Error, "states cannot be looked at for those who follow them")]
    private static partial void LogFailed(ILogger log, Exception e);

    /// <summary>Programs on the wire, written once for each revision and not with each look.</summary>
    private sealed class WrittenSpecs
    {
        private readonly Dictionary<RegisteredProgram, V1.Program> _specs = new(ReferenceEqualityComparer.Instance);
        private RegistrySnapshot? _registry;

        public void Follow(RegistrySnapshot registry)
        {
            if (ReferenceEquals(_registry, registry))
                return;
            _specs.Clear();
            _registry = registry;
        }

        public V1.Program Of(RegisteredProgram program)
        {
            if (!_specs.TryGetValue(program, out var spec))
                _specs[program] = spec = program.Spec.ToProto();
            return spec;
        }
    }

    private sealed class Reader(StateFeed feed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                feed.Leave();
        }
    }
}
