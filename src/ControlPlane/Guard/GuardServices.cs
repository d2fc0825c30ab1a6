namespace HaGrpc.ControlPlane.Guard;

/// <summary>The parts of the guard.</summary>
internal static class GuardServices
{
    /// <summary>Adds them.</summary>
    public static IServiceCollection AddGuard(this IServiceCollection services) => services
        .AddSingleton<AdoptionRadius>()
        .AddSingleton<RevocationRadius>()
        .AddSingleton<ActRadius>()
        .AddSingleton<RadiusAnswers>()
        .AddSingleton<ConfirmationSeal>()
        .AddSingleton<GuardDesk>()
        .AddSingleton<GuardEndpoint>();
}
