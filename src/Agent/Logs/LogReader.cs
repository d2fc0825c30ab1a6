using System.Collections.Immutable;
using Google.Protobuf;
using Grpc.Core;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Watching;
using HaGrpc.V1;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Logs;

/// <summary>
/// Sends the logs that one operator reads, on a thread and a connection of their own. Nothing is buffered but one piece: where HTTP/2
/// takes no more, this thread waits, and only it. Begun once, by <see cref="Run"/>.
/// </summary>
/// <param name="wanted">What is read.</param>
/// <param name="host">This host's name.</param>
/// <param name="instance">The agent's instance.</param>
/// <param name="programs">Those of this host, as it is to run them now.</param>
/// <param name="marks">Where logs ended when groups were taken over.</param>
internal sealed class LogReader(
    LogWanted wanted, string host, Guid instance, Func<ImmutableArray<ConfiguredProgram>> programs, LogMarks marks) : IDisposable
{
    private const int Piece = 32 << 10;

    /// <summary>For what inotify does not tell: network file systems, a directory that comes later, another configuration.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>A program that writes line by line is not asked line by line.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly FileWatch _watch = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly byte[] _piece = new byte[Piece];
    private readonly HashSet<int> _changed = [], _directories = [];
    private ImmutableArray<LogSource> _sources = [];
    private volatile bool _enough = !wanted.Follow;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BootInstant _nextLook;
    private bool _disposed;

    /// <summary>Of the question.</summary>
    public long Id => wanted.Id;

    /// <summary>Completes with <see cref="Dispose"/>.</summary>
    public Task Ended => _ended.Task;

    /// <summary>True when <see cref="Stop"/> was called.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Finds the logs. To be called before <see cref="Run"/>, on its thread.</summary>
    /// <returns>How many files it reads.</returns>
    /// <exception cref="IOException">A disk fails.</exception>
    public int Open()
    {
        var known = programs();
        var opened = ImmutableArray.CreateBuilder<LogSource>();
        foreach (var log in wanted.Logs)
        {
            var source = new LogSource(new(wanted.Group, log.Program), log.Channel == LogChannel.Stderr, host);
            opened.Add(source);
            _sources = opened.ToImmutable();
            source.Open(known, BeginOf(source, log), log.BeginCase == WantedLog.BeginOneofCase.Lines ? log.Lines : 0);
        }
        if (!wanted.Follow)
            EndHere();
        return _sources.Count(s => s.Path.Length > 0);
    }

    /// <summary>Sends until everything that is wanted is sent, or nobody reads any more.</summary>
    /// <param name="service">Over a connection that nothing else uses.</param>
    /// <exception cref="IOException">A disk fails.</exception>
    /// <exception cref="RpcException">The connection, or the control plane, has ended it.</exception>
    /// <exception cref="OperationCanceledException">After <see cref="Stop"/>.</exception>
    public void Run(AgentService.AgentServiceClient service)
    {
        using var call = service.SendLogs(cancellationToken: _stop.Token);
        var answer = call.ResponseAsync;
        _ = answer.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Send(call, new() { Opened = Opened() });
        _nextLook = Now + Look;
        var ending = !wanted.Follow;
        while (!answer.IsCompleted)
        {
            if (_enough && !ending)
            {
                EndHere();
                ending = true;
            }
            var any = SendOnce(call);
            if (ending && !any)
                break;
            if (!ending)
                Notice(call, isBusy: any);
        }
        if (!answer.IsCompleted)
            call.RequestStream.CompleteAsync().GetAwaiter().GetResult();
        _ = answer.WaitAsync(_stop.Token).GetAwaiter().GetResult();
    }

    /// <summary>What is written by now is sent, and no more. From any thread.</summary>
    public void Enough()
    {
        _enough = true;
        Wake();
    }

    /// <summary>Ends it at once. From any thread.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _ = _stop.CancelAsync();
            _watch.Stop();
        }
    }

    /// <summary>Closes the files; when <see cref="Run"/> has returned.</summary>
    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        foreach (var source in _sources)
            source.Dispose();
        _watch.Dispose();
        _stop.Dispose();
        _ended.SetResult();
    }

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private static void Send(AsyncClientStreamingCall<SendLogsRequest, SendLogsResponse> call, SendLogsRequest message) =>
        call.RequestStream.WriteAsync(message).GetAwaiter().GetResult();

    private void Wake()
    {
        lock (_lock)
        {
            if (!_disposed)
                _watch.Stop();
        }
    }

    private LogPosition? BeginOf(LogSource source, WantedLog log) => log.BeginCase switch
    {
        WantedLog.BeginOneofCase.Position => new(log.Position.File, log.Position.Offset),
        WantedLog.BeginOneofCase.Epoch => marks.Of(source.Program, source.StandardError, log.Epoch, Look),
        _ => null,
    };

    private LogsOpened Opened()
    {
        var opened = new LogsOpened { Host = host, InstanceId = instance.ToString(), Id = wanted.Id };
        foreach (var source in _sources)
        {
            opened.Logs.Add(new OpenedLog
            {
                Path = source.Path,
                Problem = source.IsMissing && !wanted.Follow ? $"{source.Path} is not there: nothing was written on host {host} yet" : source.Problem,
                Position = PositionOf(source),
            });
        }
        return opened;
    }

    private static V1.LogPosition PositionOf(LogSource source) => new() { File = source.Position.File, Offset = source.Position.Offset };

    /// <summary>A piece of each log that may have one, so that a loud program does not keep the others waiting.</summary>
    /// <returns>False when there was nothing.</returns>
    private bool SendOnce(AsyncClientStreamingCall<SendLogsRequest, SendLogsResponse> call)
    {
        var any = false;
        for (var place = 0; place < _sources.Length; place++)
        {
            var source = _sources[place];
            if (!source.MayHaveMore)
                continue;
            if (!_enough)
                source.Watch(_watch, _directories);
            var reading = source.Read(_piece);
            source.MayHaveMore = reading.Count > 0 || reading.Change != LogChange.None;
            any |= source.MayHaveMore;
            if (reading.Change != LogChange.None)
                Send(call, ChangedOf(place, reading.Change));
            if (reading.Count == 0)
                continue;
            Send(call, new()
            {
                Chunk = new() { Log = place, Data = ByteString.CopyFrom(_piece, 0, reading.Count), Position = PositionOf(source) },
            });
        }
        return any;
    }

    private SendLogsRequest ChangedOf(int place, LogChange change) => new()
    {
        Changed = new()
        {
            Log = place,
            Change = change == LogChange.Truncated ? V1.LogChange.Truncated : V1.LogChange.Skipped,
            Detail = change == LogChange.Truncated
                ? $"{_sources[place].Path} was truncated"
                : File.Exists(_sources[place].Path + ".1.gz")
                    ? $"{_sources[place].Path}: lines are missing here, the backup that held them was compressed meanwhile: look into {_sources[place].Path}.*.gz"
                    : $"{_sources[place].Path}: lines are missing here, the file that held them is gone",
        },
    };

    /// <summary>Takes note of what has changed; waits for that, unless there is more to read. A loud program does not hide the
    /// others.</summary>
    private void Notice(AsyncClientStreamingCall<SendLogsRequest, SendLogsResponse> call, bool isBusy)
    {
        _changed.Clear();
        _watch.Wait(isBusy || _nextLook <= Now ? TimeSpan.Zero : _nextLook - Now, _changed);
        if (_enough || _stop.IsCancellationRequested)
            return;
        if (!isBusy)
            _ = _stop.Token.WaitHandle.WaitOne(Pace);
        var everything = _nextLook <= Now || _changed.Overlaps(_directories) || _changed.Contains(-1);
        foreach (var source in _sources)
            source.Note(everything ? null : _changed);
        if (_nextLook <= Now)
            Review(call);
    }

    private void Review(AsyncClientStreamingCall<SendLogsRequest, SendLogsResponse> call)
    {
        var known = programs();
        for (var place = 0; place < _sources.Length; place++)
        {
            if (_sources[place].Review(known) is { } detail)
                Send(call, new() { Changed = new() { Log = place, Change = V1.LogChange.Moved, Detail = detail } });
        }
        _nextLook = Now + Look;
    }

    private void EndHere()
    {
        foreach (var source in _sources)
            source.EndHere();
    }
}
