using System.Globalization;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>The log: lines for people on the console, compact JSON for machines in a file.</summary>
internal static class Logs
{
    private const string ForPeople = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    // The host's words for what main says in one line without a stack trace, for example that an address is in use.
    private const string HostFailed = "Hosting failed to start";

    /// <summary>Adds the log.</summary>
    public static IServiceCollection AddLogs(this IServiceCollection services) => services.AddSerilog((provider, logger) =>
    {
        var options = provider.GetRequiredService<IOptions<ControlPlaneOptions>>().Value.Log;
        var level = Enum.Parse<LogEventLevel>(options.Level, ignoreCase: true);
        var target = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .WriteTo.Console(outputTemplate: ForPeople, formatProvider: CultureInfo.InvariantCulture);
        if (options.File.Length > 0)
            target.WriteTo.File(new CompactJsonFormatter(), options.File);
        logger
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // That a follower does not serve agents is no error, and what is one is told by whoever meets it.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            .MinimumLevel.Override("Grpc", LogEventLevel.Warning)
            .Filter.ByExcluding(static e => e.MessageTemplate.Text == HostFailed)
            .WriteTo.Sink(new MalformedMessages(target.CreateLogger()));
    }, preserveStaticLogger: true); // The host's own: two hosts in one process must not close each other's.
}
