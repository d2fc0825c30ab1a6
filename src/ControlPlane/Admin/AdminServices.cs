namespace HaGrpc.ControlPlane.Admin;

/// <summary>The parts of the operators' API.</summary>
internal static class AdminServices
{
    /// <summary>Adds them.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<AdminEndpoint>()
        .AddSingleton<RegistryEndpoint>()
        .AddSingleton<AdoptionEndpoint>()
        .AddSingleton<Sightings>()
        .AddSingleton<ObserveCall>()
        .AddSingleton<PreflightCall>()
        .AddSingleton<AdoptCall>()
        .AddSingleton<ExportCall>()
        .AddSingleton<RevisionCalls>()
        .AddSingleton<RollbackCall>()
        .AddSingleton<DeleteCall>()
        .AddSingleton<ApplyCall>()
        .AddSingleton<ReleaseEndpoint>()
        .AddSingleton<UpdateProcessesCall>()
        .AddSingleton<UserCheck>()
        .AddSingleton<ExplanationEndpoint>()
        .AddSingleton<ExplainProgramCall>()
        .AddSingleton<ListCalls>()
        .AddSingleton<StoredLists>()
        .AddSingleton<ReplicaCall>()
        .AddSingleton<ProgramCalls>()
        .AddSingleton<SwitchoverCall>()
        .AddSingleton<DrainCall>()
        .AddSingleton<LockCalls>()
        .AddSingleton<RehearseCall>()
        .AddSingleton<FenceCall>()
        .AddSingleton<EventCalls>()
        .AddSingleton<TailCall>();
}
