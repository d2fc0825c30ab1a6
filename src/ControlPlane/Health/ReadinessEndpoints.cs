using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HaGrpc.ControlPlane.Health;

/// <summary><c>/healthz</c>: the process is alive. <c>/readyz</c>: it serves, or why not. And the gRPC health service.</summary>
internal static class ReadinessEndpoints
{
    private const string Check = "readiness", LeadsCheck = "leads";

    /// <summary>Adds what the endpoints need.</summary>
    public static IServiceCollection AddReadiness(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddGrpcHealthChecks(options =>
        {
            // Agents are served by the leader only.
            options.Services.Map("", static check => check.Name == Check);
            options.Services.Map(V1.AgentService.Descriptor.FullName, static check => check.Name == LeadsCheck);
            options.Services.Map(V1.AdminService.Descriptor.FullName, static check => check.Name == Check);
        }).AddCheck<ReadinessCheck>(Check).AddCheck<LeadsCheck>(LeadsCheck);
        return services;
    }

    /// <summary>Maps the endpoints.</summary>
    public static void MapReadiness(this WebApplication app)
    {
        app.MapGrpcHealthChecksService();
        app.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], static context =>
            context.Response.WriteAsJsonAsync(new Alive("alive"), ReadinessJson.Default.Alive));
        app.MapMethods("/readyz", [HttpMethods.Get, HttpMethods.Head], static async context =>
        {
            var report = await context.RequestServices.GetRequiredService<Readiness>().LookAsync(context.RequestAborted);
            context.Response.StatusCode = report.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsJsonAsync(report, ReadinessJson.Default.ReadinessReport);
        });
    }
}

/// <summary>What <c>/healthz</c> answers.</summary>
/// <param name="Status">Always <c>alive</c>.</param>
internal sealed record Alive(string Status);

/// <summary>The readiness as a health check of .NET, for the gRPC health service.</summary>
internal sealed class ReadinessCheck(Readiness readiness) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var report = await readiness.LookAsync(cancellationToken);
        return report.Ready
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"{report.Database.Detail}; {report.Leader.Detail}");
    }
}

/// <summary>Whether this control plane is ready and leads.</summary>
internal sealed class LeadsCheck(Readiness readiness) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var report = await readiness.LookAsync(cancellationToken);
        return report is { Ready: true, Role: Leader.Role.Leader }
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"{report.Database.Detail}; {report.Leader.Detail}");
    }
}

/// <summary>JSON of the endpoints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, Converters = [typeof(RoleName)])]
[JsonSerializable(typeof(ReadinessReport))]
[JsonSerializable(typeof(Alive))]
internal sealed partial class ReadinessJson : JsonSerializerContext;

/// <summary><c>leader</c>, <c>follower</c> or <c>undecided</c>.</summary>
internal sealed class RoleName() : JsonStringEnumConverter<Leader.Role>(System.Text.Json.JsonNamingPolicy.CamelCase);
