using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Events;
using HaGrpc.V1;
using EventFilter = HaGrpc.ControlPlane.Storage.EventFilter;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>The history, once or followed; from the database, so that whoever leads makes no difference.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody takes has nothing to dispose of.
internal sealed class EventCalls(Store store, EventSignal signal, TimeProvider time, IHostApplicationLifetime lifetime)
#pragma warning restore CA1001
{
    private const int MostAtOnce = 10_000;
    private const int Page = 200;
    private const int MostKinds = 50;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SlowReader = TimeSpan.FromSeconds(30);

    // However many look at the history, the database and the pool's threads are there for others too: the renewal of the leadership waits for both.
    private const int MostReading = 4;
    private readonly SemaphoreSlim _turns = new(MostReading, MostReading);

    /// <summary>The newest that match, oldest first.</summary>
    public async Task<ListEventsResponse> ListAsync(ListEventsRequest request, ServerCallContext context)
    {
        if (request.Limit is < 0 or > MostAtOnce)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"limit: {request.Limit} is not between 1 and {MostAtOnce} (0 means 100)"));
        var response = new ListEventsResponse();
        var stored = await ReadNewestAsync(
            ToStored(request.Filter), request.Limit == 0 ? 100 : request.Limit, context.CancellationToken);
        response.Events.AddRange(stored.Select(ToProto));
        return response;
    }

    /// <summary>The newest of a program, oldest first.</summary>
    public async Task<IEnumerable<Event>> OfProgramAsync(Core.Model.ProgramName program, int limit, CancellationToken ct) =>
        (await ReadNewestAsync(new EventFilter { Group = program.Group, Program = program.Name }, limit, ct)).Select(ToProto);

    /// <summary>The backlog, then what comes: each reader pages through the table at its own speed, so that nothing is
    /// buffered here for a slow one.</summary>
    public async Task WatchAsync(
        WatchEventsRequest request, IServerStreamWriter<WatchEventsResponse> stream, ServerCallContext context)
    {
        if (request.Backlog is < 0 or > MostAtOnce)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"backlog: {request.Backlog} is not between 0 and {MostAtOnce}"));
        var filter = ToStored(request.Filter);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            // The newest of all is read first: what comes after it belongs to the live part.
            var newest = await ReadNewestAsync(new EventFilter(), 1, either.Token);
            var last = newest.IsEmpty ? 0 : newest[^1].Id;
            if (request.HasResumeAfter)
                CheckPosition(request.ResumeAfter, last);
            var backlog = request.Backlog == 0 || request.HasResumeAfter
                ? []
                : await ReadNewestAsync(filter, request.Backlog, either.Token);
            var after = request.HasResumeAfter ? request.ResumeAfter : Math.Max(filter.AfterId, last);
            await SendAsync(stream, new() { Position = backlog.IsEmpty ? after : backlog[0].Id - 1 }, either.Token);
            foreach (var stored in backlog)
            {
                await SendAsync(stream, ToAnswer(stored), either.Token);
                after = Math.Max(after, stored.Id);
            }
            while (true)
            {
                var next = signal.Next;
                var page = await InTurnAsync(() => store.Events.ReadNextAsync(filter with { AfterId = after }, Page, either.Token), either.Token);
                foreach (var stored in page)
                {
                    await SendAsync(stream, ToAnswer(stored), either.Token);
                    after = stored.Id;
                }
                if (page.Length < Page)
                    await Task.WhenAny(next, Task.Delay(Look, time, either.Token));
                either.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "this control plane serves no more: it is shutting down"));
        }
    }

    private Task<ImmutableArray<EventRecord>> ReadNewestAsync(EventFilter filter, int limit, CancellationToken ct) =>
        InTurnAsync(() => store.Events.ReadNewestAsync(filter, limit, ct), ct);

    private async Task<T> InTurnAsync<T>(Func<Task<T>> read, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            return await read();
        }
        finally
        {
            _turns.Release();
        }
    }

    // A restored backup knows fewer events than its readers: silence until it has caught up would look like peace.
    private static void CheckPosition(long position, long last)
    {
        if (position < 0 || position > last)
        {
            throw new RpcException(new Status(
                StatusCode.OutOfRange,
                $"resume_after: {position} is no event of this history, its newest is {last}: begin anew without it"));
        }
    }

    private static async Task SendAsync(
        IServerStreamWriter<WatchEventsResponse> stream, WatchEventsResponse answer, CancellationToken ct)
    {
        try
        {
            // The token stays outside of the write: a cancelled write resets the stream, and no reason reaches the reader.
            await stream.WriteAsync(answer, CancellationToken.None).WaitAsync(SlowReader, ct);
        }
        catch (TimeoutException)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"an event was not taken for {SlowReader.TotalSeconds:F0} s: ask again with resume_after"));
        }
    }

    private static WatchEventsResponse ToAnswer(EventRecord stored) => new() { Event = ToProto(stored), Position = stored.Id };

    private static EventFilter ToStored(V1.EventFilter? filter)
    {
        if (filter is null)
            return new EventFilter();
        RequestText.Check("filter.group", filter.Group);
        RequestText.Check("filter.host", filter.Host);
        if (filter.Kinds.Count > MostKinds)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"filter.kinds: {filter.Kinds.Count} are more than {MostKinds}"));
        foreach (var kind in filter.Kinds)
            RequestText.Check("filter.kinds", kind);
        var unknown = filter.AllowUnknownKinds ? [] : filter.Kinds.Distinct().Select(kind => (Kind: kind, Problem: EventKinds.Problem(kind))).Where(k => k.Problem is not null).ToArray();
        if (unknown.Length > 0)
            throw new RpcException(new Status(StatusCode.InvalidArgument, string.Join("; ", unknown.Select(k => $"filter.kinds: {ForeignText.Visible(k.Kind, 50)}: {k.Problem}"))));
        return new EventFilter
        {
            Group = filter.Group.Length == 0 ? null : filter.Group,
            Host = filter.Host.Length == 0 ? null : filter.Host,
            AfterId = filter.AfterId,
            Since = filter.Since?.ToDateTimeOffset(),
            Kinds = [.. filter.Kinds],
        };
    }

    private static Event ToProto(EventRecord stored)
    {
        var e = new Event
        {
            Id = stored.Id,
            At = stored.At.ToTimestamp(),
            Kind = stored.Kind,
            Group = stored.Group,
            Host = stored.Host,
            Program = stored.Program,
            Epoch = stored.Epoch,
            Message = stored.Message,
            Actor = stored.Actor,
        };
        e.Steps.AddRange(stored.Steps.Select(s => new Step
        {
            Name = s.Name,
            Offset = s.Offset.ToProto(),
            Duration = s.Duration.ToProto(),
            Error = s.Error,
        }));
        return e;
    }
}
