using Grpc.Core;
using HaGrpc.ControlPlane.Configuration;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>The authority of this control plane, when it has one.</summary>
internal sealed class Issuer
{
    private readonly CertificateAuthority? _authority;
    private readonly string _problem;

    /// <summary>Reads the files, which were looked at when the configuration was.</summary>
    public Issuer(IOptions<ControlPlaneOptions> options)
    {
        Life = options.Value.Identity.CertificateLife;
        if (options.Value.Identity.Directory is not { Length: > 0 } folder)
        {
            _problem = "it was started without --data-dir";
            return;
        }
        var files = new IdentityFiles(folder);
        _authority = files.Authority();
        _problem = $"it has no {files.AuthorityKey}";
    }

    /// <summary>How long certificates of hosts are valid.</summary>
    public TimeSpan Life { get; }

    /// <summary>The authority.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION: there is none here.</exception>
    public CertificateAuthority Demand() => _authority
        ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, $"this control plane issues no certificates: {_problem} (ha-controlplane init)"));
}
