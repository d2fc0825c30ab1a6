using HaGrpc.ControlPlane.Access;
using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.Fencing;
using HaGrpc.ControlPlane.Guard;
using HaGrpc.ControlPlane.Health;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Listeners;
using HaGrpc.ControlPlane.Logs;
using HaGrpc.ControlPlane.Rest;
using HaGrpc.ControlPlane.States;
using HaGrpc.ControlPlane.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane;

/// <summary>Puts the parts together.</summary>
internal static class ControlPlaneApp
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(1500);

    /// <summary>A control plane that is configured and not started.</summary>
    /// <exception cref="OptionsValidationException">The configuration is wrong: everything that is, at once.</exception>
    /// <exception cref="StorageException">The database's file or connection string cannot be used.</exception>
    /// <param name="line">What the operator has written.</param>
    /// <param name="time">The wall clock; null for the machine's.</param>
    public static WebApplication Build(CommandLine line, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "ha-controlplane" });
        var errors = ConfigurationSources.Add(builder.Configuration, line);
        var services = builder.Services;
        services.AddSingleton(errors).AddSingleton<IValidateOptions<ControlPlaneOptions>, OptionsRules>();
        services.AddOptions<ControlPlaneOptions>().Bind(builder.Configuration).ValidateOnStart();
        services.AddSingleton(time ?? TimeProvider.System).AddSingleton(ProcessIdentity.Own());
        services.AddLogs();

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelListeners>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddRoutingCore();
        services.AddHostedSingleton<Farewell>().AddGrpc(grpc =>
        {
            // What went wrong with a message that is none is said to whoever sent it.
            grpc.EnableDetailedErrors = true;
            grpc.Interceptors.Add<RestAnswers>();
            grpc.Interceptors.Add<Farewell>();
            grpc.Interceptors.Add<CertificateGate>();
            grpc.Interceptors.Add<OperatorGate>();
            grpc.Interceptors.Add<DatabaseAway>();
        }).AddRest();
        services.AddGrpcReflection();
        services.AddReadiness();

        services.AddSingleton(s => Store.Open(
            s.GetRequiredService<IOptions<ControlPlaneOptions>>().Value.Storage, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EventSignal>().AddHostedSingleton<EventWriter>();
        services.AddSingleton<OwnAddress>().AddHostedSingleton<ChangeListener>();
        services.AddSingleton<LeaderSeat>().AddSingleton<TenureSetup>().AddHostedSingleton<Candidacy>();
        services.AddSingleton<AdmissionDesk>().AddSingleton<AskDesk>().AddSingleton<LogDesk>().AddSingleton<AccountDesk>()
            .AddSingleton<RehearsalDesk>().AddSingleton<ClientDesk>().AddSingleton<ObservationDesk>().AddSingleton<FenceAgents>().AddSingleton<AgentEndpoint>();
        services.AddSingleton<AuditJournal>().AddSingleton<AuditEndpoint>().AddSingleton<OperatorGate>();
        services.AddSingleton<Issuer>().AddSingleton<FirstAdmin>().AddSingleton<ServerCertificate>().AddSingleton<CertificateGate>()
            .AddSingleton<EnrollmentEndpoint>().AddSingleton<IdentityEndpoint>()
            .AddHostedSingleton<RevocationWatch>().AddHostedSingleton<ServerRenewal>();
        services.AddSingleton<AccessDesk>().AddSingleton<AccessEndpoint>();
        services.AddAdmin();
        services.AddSingleton<StateFeed>().AddSingleton<StateEndpoint>();
        services.AddGuard();

        var app = builder.Build();
        app.Services.GetRequiredService<Store>(); // Says at once that its file or connection string is wrong.
        app.UseRouting();
        app.UseMiddleware<RestGate>();
        app.MapGrpcService<AgentEndpoint>();
        app.MapGrpcService<AdminEndpoint>();
        app.MapGrpcService<RegistryEndpoint>();
        app.MapGrpcService<ReleaseEndpoint>();
        app.MapGrpcService<ExplanationEndpoint>();
        app.MapGrpcService<StateEndpoint>();
        app.MapGrpcService<AuditEndpoint>();
        app.MapGrpcService<AccessEndpoint>();
        app.MapGrpcService<GuardEndpoint>();
        app.MapGrpcService<AdoptionEndpoint>();
        app.MapGrpcService<EnrollmentEndpoint>();
        app.MapGrpcService<IdentityEndpoint>();
        app.MapGrpcReflectionService();
        app.MapReadiness();
        app.MapRest();
        return app;
    }

    private static IServiceCollection AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(static s => s.GetRequiredService<T>());
}
