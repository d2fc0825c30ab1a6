using System.Threading.Channels;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace HaGrpc.Agent.Platform;

/// <summary>
/// Writes log events on a thread of its own: a full disk or a reader that stopped reading the console must not hold up a
/// lease. When it cannot keep up, events are dropped and their number is logged.
/// </summary>
internal sealed class BackgroundSink : ILogEventSink, IDisposable
{
    private const int Capacity = 1024;
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(1);

    private readonly ILogEventSink _target;
    private readonly TimeProvider _time;
    private readonly Channel<LogEvent> _events =
        Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task _writing;
    private int _dropped;

    /// <param name="target">Where events end up; disposed with this.</param>
    /// <param name="time">Wall clock, for the line about dropped events.</param>
    public BackgroundSink(ILogEventSink target, TimeProvider time)
    {
        (_target, _time) = (target, time);
        _writing = Task.Run(WriteAllAsync);
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        if (!_events.Writer.TryWrite(logEvent))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what is queued, for a second at most.</summary>
    public void Dispose()
    {
        _events.Writer.TryComplete();
        _writing.Wait(FlushPatience);
        (_target as IDisposable)?.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (var logEvent in _events.Reader.ReadAllAsync())
        {
            _target.Emit(logEvent);
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                _target.Emit(new LogEvent(
                    _time.GetLocalNow(),
                    LogEventLevel.Warning,
                    null,
                    new MessageTemplateParser().Parse("The log could not keep up: {Dropped} lines are missing here"),
                    [new LogEventProperty("Dropped", new ScalarValue(dropped))]));
            }
        }
    }
}
