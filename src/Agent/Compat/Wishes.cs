using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Uplink;
using HaGrpc.Contracts;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>
/// What was asked here while the control plane was out of reach. It is on disk before it is done, stands over the stored
/// configuration, and is sent until the control plane has stored or refused it.
/// </summary>
internal sealed class Wishes
{
    private const string Reason = "asked on this host while the control plane was out of reach";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly WishFile _file;
    private readonly OwnershipLoop _loop;
    private readonly DesiredStateAsks _asks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private ImmutableDictionary<ProgramName, LocalWish> _wishes;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="file">Where they are kept.</param>
    /// <param name="kept">What is there.</param>
    /// <param name="loop">Works towards them.</param>
    /// <param name="asks">Sends them.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="logger">The log.</param>
    public Wishes(
        WishFile file,
        ImmutableDictionary<ProgramName, LocalWish> kept,
        OwnershipLoop loop,
        DesiredStateAsks asks,
        TimeProvider time,
        ILogger logger)
    {
        (_file, _wishes, _loop, _asks, _time, _logger) = (file, kept, loop, asks, time, logger);
        asks.StreamOpened += Hurry;
    }

    /// <summary>Adds wishes, on disk when this returns, and begins to work towards them.</summary>
    /// <exception cref="IOException">They could not be kept; nothing has changed.</exception>
    public void Add(IReadOnlyCollection<LocalWish> wishes)
    {
        lock (_lock)
        {
            var next = _wishes.SetItems(wishes.Select(w => KeyValuePair.Create(w.Program, w)));
            _file.Save(next);
            // One that is wanted already, and has ended, starts by being unwanted first. Not on disk: half of a start is none.
            var anew = wishes.Where(w => w.DesiredState == Core.Model.DesiredState.Running).ToArray();
            if (anew.Length > 0)
                _loop.Wish(next.SetItems(anew.Select(w => KeyValuePair.Create(w.Program, w with { DesiredState = Core.Model.DesiredState.Stopped }))));
            _wishes = next;
            _loop.Wish(next);
        }
        Hurry();
    }

    /// <summary>Drops wishes that something newer has overtaken.</summary>
    public void Drop(IEnumerable<ProgramName> programs)
    {
        lock (_lock)
        {
            var left = _wishes.RemoveRange(programs);
            if (left.Count != _wishes.Count)
                Replace(left);
        }
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Task news;
            ImmutableArray<LocalWish> waiting;
            lock (_lock)
                (news, waiting) = (_news.Task, [.. _wishes.Values]);
            try
            {
                foreach (var wish in waiting)
                    await SendAsync(wish, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                CompatLog.WishFileFailed(_logger, e.Message); // Tried again: what was stored twice is stored once.
            }
            bool idle;
            lock (_lock)
                idle = _wishes.IsEmpty;
            await (idle ? news.WaitAsync(stop) : Task.WhenAny(news, Task.Delay(Pause, _time, stop)))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(LocalWish wish, CancellationToken stop)
    {
        var asked = new DesiredStateAsked { Past = true, Reason = Reason, AskedBy = wish.By, AskedAt = wish.At?.ToTimestamp() };
        asked.Programs.Add(new WantedProgram
        {
            Group = wish.Program.Group,
            Name = wish.Program.Name,
            DesiredState = wish.DesiredState.ToProto(),
            Epoch = wish.Epoch,
        });
        var answer = await _asks.AskAsync(asked, Patience, stop);
        if (answer is not { Outcome: AskOutcome.Stored or AskOutcome.Refused })
            return;
        if (answer.Outcome == AskOutcome.Refused)
            CompatLog.WishRefused(_logger, wish.Program, wish.DesiredState, answer.Detail);
        else
            CompatLog.WishStored(_logger, wish.Program, wish.DesiredState);
        lock (_lock)
        {
            // One that was made since waits for its own answer.
            if (_wishes.TryGetValue(wish.Program, out var current) && current == wish)
                Replace(_wishes.Remove(wish.Program));
        }
    }

    private void Replace(ImmutableDictionary<ProgramName, LocalWish> wishes)
    {
        _file.Save(wishes);
        _wishes = wishes;
        _loop.Wish(wishes);
    }

    private void Hurry()
    {
        lock (_lock)
        {
            _news.TrySetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
