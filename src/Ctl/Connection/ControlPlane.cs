using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Connection;

/// <summary>The control plane: one, or several of which one leads. Connections are opened by the first call.</summary>
internal sealed class ControlPlane : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ImmutableArray<Replica> _replicas;
    private readonly LeaderInvoker? _invoker;

    private ControlPlane(ImmutableArray<Replica> replicas)
    {
        _replicas = replicas;
        // With one there is no choice, and its own words say best what is wrong with it.
        _invoker = replicas.Length > 1 ? new(new LeaderFinder(replicas, TimeProvider.System)) : null;
        Admin = _invoker is null ? replicas[0].Admin : new(_invoker);
        Registry = new(_invoker ?? replicas[0].Invoker);
        Audit = new(_invoker ?? replicas[0].Invoker);
        Access = new(_invoker ?? replicas[0].Invoker);
        Guard = new(_invoker ?? replicas[0].Invoker);
        Adoption = new(_invoker ?? replicas[0].Invoker);
        Release = new(_invoker ?? replicas[0].Invoker);
        Explanation = new(_invoker ?? replicas[0].Invoker);
        States = new(_invoker ?? replicas[0].Invoker);
        Identity = new(_invoker ?? replicas[0].Invoker);
    }

    /// <summary>The endpoint that was used last.</summary>
    internal Endpoint Endpoint => _invoker?.Current?.Endpoint ?? _replicas[0].Endpoint;

    /// <summary>Asks whichever of them can answer.</summary>
    internal AdminService.AdminServiceClient Admin { get; }

    /// <summary>The same, for the registry as a whole.</summary>
    internal RegistryService.RegistryServiceClient Registry { get; }

    /// <summary>Asks for the audit.</summary>
    internal AuditService.AuditServiceClient Audit { get; }

    /// <summary>Asks who may do what.</summary>
    internal AccessService.AccessServiceClient Access { get; }

    /// <summary>Asks what is demanded before dangerous acts.</summary>
    internal GuardService.GuardServiceClient Guard { get; }

    /// <summary>Takes over what runs already.</summary>
    internal AdoptionService.AdoptionServiceClient Adoption { get; }

    /// <summary>Registers new releases of programs.</summary>
    internal ReleaseService.ReleaseServiceClient Release { get; }

    /// <summary>Asks for reasons.</summary>
    internal ExplanationService.ExplanationServiceClient Explanation { get; }

    /// <summary>Follows how the fleet stands.</summary>
    internal StateService.StateServiceClient States { get; }

    /// <summary>Asks for tokens and certificates of hosts.</summary>
    internal IdentityService.IdentityServiceClient Identity { get; }

    /// <summary>Each of them.</summary>
    internal ImmutableArray<Replica> Replicas => _replicas;

    /// <summary>Prepares connections; nothing is sent yet.</summary>
    /// <exception cref="UsageException">An endpoint or its TLS files cannot be used.</exception>
    internal static ControlPlane To(ImmutableArray<Endpoint> endpoints)
    {
        var problems = endpoints.Select(endpoint => endpoint.Problem()).OfType<string>().Distinct().ToArray();
        if (problems.Length > 0)
            throw new UsageException(string.Join("\nhactl: ", problems));
        try
        {
            return new([.. endpoints.Select(Open)]);
        }
        catch (CryptographicException error)
        {
            throw new UsageException($"the TLS files cannot be used: {error.Message}; PEM is expected in --tls-cert, " +
                "--tls-key (unencrypted) and --tls-ca");
        }
    }

    private static Replica Open(Endpoint endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = Patience,
            // A link that died half-way must not hold a waiting start or switchover for ever.
            KeepAlivePingDelay = Patience,
            KeepAlivePingTimeout = Patience,
            UseProxy = false,
        };
        try
        {
            UseTlsFiles(handler.SslOptions, endpoint);
        }
        catch (CryptographicException)
        {
            handler.Dispose();
            throw;
        }
        return new(endpoint, GrpcChannel.ForAddress(endpoint.Url, new() { HttpHandler = handler, DisposeHttpClient = true }));
    }

    /// <summary>Sends the operator's token with each call. Credentials of gRPC's own would refuse a loopback without TLS.</summary>
    internal static CallInvoker WithToken(CallInvoker invoker, string? token) => token is null ? invoker : invoker.Intercept(metadata =>
    {
        metadata.Add("authorization", $"Bearer {token}");
        return metadata;
    });

    private static void UseTlsFiles(SslClientAuthenticationOptions tls, Endpoint endpoint)
    {
        tls.RemoteCertificateValidationCallback = ServerCertificateCheck.Of(new Uri(endpoint.Url).Host);
        if (endpoint.Certificate is { } file)
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(file, endpoint.Key)];
        if (endpoint.Authority is not { } authority)
            return;
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        chain.CustomTrustStore.ImportFromPemFile(authority);
        tls.CertificateChainPolicy = chain;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var replica in _replicas)
            replica.Dispose();
    }
}

/// <summary>One control plane of several.</summary>
internal sealed class Replica : IDisposable
{
    private readonly GrpcChannel _channel;

    internal Replica(Endpoint endpoint, GrpcChannel channel)
    {
        (Endpoint, _channel) = (endpoint, channel);
        Invoker = ControlPlane.WithToken(channel.CreateCallInvoker(), endpoint.Token);
        Admin = new(Invoker);
    }

    internal Endpoint Endpoint { get; }

    internal CallInvoker Invoker { get; }

    internal AdminService.AdminServiceClient Admin { get; }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
