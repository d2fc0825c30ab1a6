using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.Core.Identity;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>Renews this control plane's own certificate at two thirds of its life, when <c>init</c> has made it and the authority's key is here.</summary>
internal sealed partial class ServerRenewal(
    IOptions<ControlPlaneOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ServerRenewal> log) : StartedService(lifetime)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>The names and addresses in a certificate.</summary>
    public static string[] HostsOf(X509Certificate2 certificate) =>
    [
        .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))),
    ];

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var files = new IdentityFiles(options.Value.Identity.Directory);
        if (files.Folder.Length == 0 || options.Value.Tls.Certificate != files.Server)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                RenewWhenDue(files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogFailed(log, files.Server, e.Message);
            }
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void RenewWhenDue(IdentityFiles files)
    {
        using var current = X509Certificate2.CreateFromPemFile(files.Server, files.Server);
        var now = time.GetUtcNow();
        if (now < RenewalTime.DueAt(new(current.NotBefore.ToUniversalTime()), new(current.NotAfter.ToUniversalTime())))
            return;
        if (files.Authority() is not { } authority)
        {
            LogNoKey(log, files.Server, current.NotAfter, files.AuthorityKey);
            return;
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var renewed = authority.IssueServer(HostsOf(current), new PublicKey(key), now);
        files.StoreServer(renewed, key);
        LogRenewed(log, files.Server, renewed.NotAfter);
    }

    [LoggerMessage(1094, LogLevel.Information, "{File} was renewed, it is valid until {NotAfter}")]
    private static partial void LogRenewed(ILogger log, string file, DateTime notAfter);

    [LoggerMessage(1095, LogLevel.Error, "{File} could not be renewed, it is tried again: {Reason}")]
    private static partial void LogFailed(ILogger log, string file, string reason);

    [LoggerMessage(1096, LogLevel.Warning, "{File} is valid until {NotAfter}, and there is no {Key} to renew it: ha-controlplane init --renew where that is, and copy server.pem here")]
    private static partial void LogNoKey(ILogger log, string file, DateTime notAfter, string key);
}
