using System.Globalization;
using HaGrpc.Agent.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace HaGrpc.Agent.Platform;

/// <summary>The log: lines for people on the console, compact JSON for machines in a file.</summary>
internal static class Logging
{
    private const long FileLimit = 32 << 20;
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Opens the log.</summary>
    /// <param name="options">Level and file.</param>
    /// <param name="time">Wall clock.</param>
    public static Logger Open(AgentOptions options, TimeProvider time)
    {
        var targets = new LoggerConfiguration()
            .MinimumLevel.Is(LevelAlias.Minimum)
            .WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture);
        if (options.LogFile.Length > 0)
        {
            targets.WriteTo.File(
                new CompactJsonFormatter(),
                options.LogFile,
                fileSizeLimitBytes: FileLimit,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: 4);
        }
        return new LoggerConfiguration()
            .MinimumLevel.Is((LogEventLevel)(int)options.LogLevel)
            .MinimumLevel.Override("Grpc", LogEventLevel.Warning)
            .WriteTo.Sink(new BackgroundSink(targets.CreateLogger(), time))
            .CreateLogger();
    }
}
