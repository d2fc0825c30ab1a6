using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.Agent.Uplink;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Logs;

/// <summary>
/// The logs that operators read on this host now. They belong to the stream on which they were asked for, and end with it; the
/// reader asks again. Their number is bounded, and nothing of theirs is shared with the stream: heartbeats do not know of them.
/// </summary>
/// <param name="host">This host's name.</param>
/// <param name="instance">The agent's instance.</param>
/// <param name="endpoints">Opens connections to the control plane.</param>
/// <param name="outbox">Takes refusals.</param>
/// <param name="programs">Those of this host, as it is to run them now.</param>
/// <param name="marks">Where logs ended when groups were taken over.</param>
/// <param name="logger">The log.</param>
internal sealed class LogReaders(
    string host,
    Guid instance,
    Endpoints endpoints,
    Outbox outbox,
    Func<ImmutableArray<ConfiguredProgram>> programs,
    LogMarks marks,
    ILogger<LogReaders> logger)
{
    /// <summary>Readers at once: each is a thread and a connection.</summary>
    internal const int MostReaders = 16;

    /// <summary>Open log files of all readers: the agent's descriptors are for leases first.</summary>
    internal const int MostFiles = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<LogReader> _running = [];
    private int _files;
    private Uri? _endpoint;

    /// <summary>A stream was accepted there.</summary>
    public void Opened(Uri endpoint)
    {
        lock (_lock)
            _endpoint = endpoint;
    }

    /// <summary>The stream is over.</summary>
    public void Closed()
    {
        lock (_lock)
        {
            _endpoint = null;
            _running.ForEach(reader => reader.Stop());
        }
    }

    /// <summary>An operator reads logs. Never waits.</summary>
    public void Wanted(LogWanted wanted)
    {
        LogReader reader;
        Uri endpoint;
        lock (_lock)
        {
            if (_endpoint is null)
                return;
            if (_running.Count >= MostReaders)
            {
                Refuse(wanted, $"logs of host {host} are read by {MostReaders} already, which is the most at once: end one of them");
                return;
            }
            (reader, endpoint) = (new(wanted, host, instance, programs, marks), _endpoint);
            _running.Add(reader);
        }
        new Thread(() => Run(reader, wanted, endpoint)) { Name = "log reader", IsBackground = true }.Start();
    }

    /// <summary>What is written by now is enough.</summary>
    public void Enough(long id)
    {
        lock (_lock)
            _running.Find(reader => reader.Id == id && !reader.IsStopped)?.Enough();
    }

    /// <summary>What is written by now is enough for all; completes when it is sent. For an agent that ends.</summary>
    public async Task FinishAsync(CancellationToken ct)
    {
        Task[] ends;
        lock (_lock)
        {
            _running.ForEach(reader => reader.Enough());
            ends = [.. _running.Select(reader => reader.Ended)];
        }
        await Task.WhenAll(ends).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Run(LogReader reader, LogWanted wanted, Uri endpoint)
    {
        var files = 0;
        try
        {
            files = reader.Open();
            if (!TakeFiles(files))
            {
                Refuse(wanted, $"it would be more than {MostFiles} log files of host {host} that are read at once: name one program");
                return;
            }
            using var channel = endpoints.Open(endpoint, Patience);
            reader.Run(new(channel));
        }
        catch (Exception e) when (reader.IsStopped || e is OperationCanceledException or InvalidOperationException
            or RpcException { StatusCode: StatusCode.OK or StatusCode.Cancelled or StatusCode.NotFound })
        {
            // Nobody reads any more.
        }
#pragma warning disable CA1031 // Whatever it is: an agent that holds leases does not fall because of a reader of logs.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var reason = e is RpcException call ? call.Status.Detail : e.Message;
            LogReadersLog.Broken(logger, wanted.Id, wanted.Group, reason);
            Refuse(wanted, $"host {host} could not send it: {reason}");
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(reader);
                _files -= files;
            }
            reader.Dispose();
        }
    }

    private bool TakeFiles(int count)
    {
        lock (_lock)
        {
            _files += count;
            return _files <= MostFiles;
        }
    }

    private void Refuse(LogWanted wanted, string reason) => outbox.Post(new LogRefused { Id = wanted.Id, Reason = reason });
}
