using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Identity;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Identity;

/// <summary>
/// Renews this host's certificate at two thirds of its life, with a new key. The stream and links to other agents go on as they are: a certificate is
/// looked at when a connection is made, and the next one is made with the new files.
/// </summary>
/// <param name="files">Where the certificate is.</param>
/// <param name="endpoints">Opens connections with it.</param>
/// <param name="controlPlanes">Whom to ask.</param>
/// <param name="time">The wall clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class CertificateRenewal(
    IdentityFiles files, Endpoints endpoints, ImmutableArray<Uri> controlPlanes, TimeProvider time, ILogger<CertificateRenewal> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Wall clocks are set, and files replaced by ha-agent join: both are seen within this.
    private static readonly TimeSpan Look = TimeSpan.FromHours(1);

    private string _said = "";

    /// <summary>Renews until it is cancelled; never fails.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pause = await LookAsync(stop);
            await Task.Delay(pause < Look ? pause : Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        try
        {
            using var own = files.Read();
            var (from, until, now) = (Utc(own.NotBefore), Utc(own.NotAfter), time.GetUtcNow());
            if (RenewalTime.DueAt(from, until) - now is { Ticks: > 0 } early)
                return early;
            if (now >= until)
                Report($"it has ended: hactl token create --host {CertificateNames.ClaimOf(own).Host}, then ha-agent join --force", until);
            else if (CertificateNames.ClaimOf(own).Host is { } host && await RenewAsync(host, until, stop))
                return TimeSpan.Zero;
            return RenewalTime.PauseAfterFailure(until - now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Report(e.Message, null);
            return Look;
        }
    }

    private async Task<bool> RenewAsync(string host, DateTimeOffset until, CancellationToken stop)
    {
        var problems = new List<string>();
        foreach (var endpoint in controlPlanes.Where(e => e.Scheme == Uri.UriSchemeHttps))
        {
            using var pair = new KeyPair();
            using var channel = endpoints.Open(endpoint, Patience);
            try
            {
                var answer = await new EnrollmentService.EnrollmentServiceClient(channel).RenewAsync(
                    new() { SigningRequest = ByteString.CopyFrom(pair.SigningRequest()) },
                    deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Patience,
                    cancellationToken: stop);
                if (pair.Objection(answer.Certificate, host) is { } objection)
                {
                    problems.Add($"{endpoint}: {objection}");
                    continue;
                }
                files.Store(pair.Key, answer.Certificate, answer.Authority);
                using var renewed = X509Certificate2.CreateFromPem(answer.Certificate);
                LogRenewed(logger, Utc(renewed.NotAfter));
                _said = "";
                return true;
            }
            catch (RpcException e)
            {
                problems.Add($"{endpoint}: {e.Status.Detail}");
            }
        }
        if (!stop.IsCancellationRequested)
            Report(string.Join("; ", problems), until);
        return false;
    }

    // Once for each reason, not with every attempt.
    private void Report(string reason, DateTimeOffset? until)
    {
        if (_said == reason)
            return;
        _said = reason;
        LogFailed(logger, files.Certificate, until, reason);
    }

    private static DateTimeOffset Utc(DateTime at) => new(at.ToUniversalTime());

    [LoggerMessage(2950, LogLevel.Information, "This host's certificate was renewed, it is valid until {NotAfter}")]
    private static partial void LogRenewed(ILogger logger, DateTimeOffset notAfter);

    [LoggerMessage(2951, LogLevel.Error, "The certificate {File}, valid until {NotAfter}, could not be renewed, it is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string file, DateTimeOffset? notAfter, string reason);
}
