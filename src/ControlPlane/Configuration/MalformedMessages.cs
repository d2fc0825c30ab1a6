using Google.Protobuf;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using ILogger = Serilog.ILogger;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>
/// Whoever reaches the port can send what is no message. To gRPC that is an error of the server, with a stack trace each time, before any gate is passed: it
/// becomes one line, which is no error, so that strangers can neither fill the log nor raise alarms.
/// </summary>
/// <param name="target">Where everything goes.</param>
internal sealed class MalformedMessages(ILogger target) : ILogEventSink, IDisposable
{
    private const int EventId = 1120;
    private const string Source = "\"Grpc.AspNetCore.Server.ServerCallHandler\"", Method = "MethodName";

    private static readonly MessageTemplate Line = new MessageTemplateParser().Parse("what was sent to {MethodName} is no message: {Reason}");

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent) => target.Write(Shortened(logEvent));

    /// <inheritdoc/>
    public void Dispose() => (target as IDisposable)?.Dispose();

    private static LogEvent Shortened(LogEvent e)
    {
        if (e.Exception is not (InvalidProtocolBufferException or InvalidDataException or IOException)
            || e.Properties.GetValueOrDefault("SourceContext")?.ToString() != Source)
        {
            return e;
        }
        return new(e.Timestamp, LogEventLevel.Information, exception: null, Line,
        [
            new(Method, e.Properties.GetValueOrDefault(Method) ?? new ScalarValue("")),
            new("Reason", new ScalarValue(e.Exception.Message)),
            new("EventId", new StructureValue([new("Id", new ScalarValue(EventId))])),
        ]);
    }
}
