using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using HaGrpc.Agent.Platform;
using HaGrpc.Core.Identity;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Peers;

/// <summary>Which certificates and hosts operators have revoked, among those that share groups with this one. Learned from the control plane and kept in
/// the state directory: it is needed when the control plane is away.</summary>
internal sealed class RevokedPeers
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private Revocations _current = Revocations.None;
    private Task _writing = Task.CompletedTask;

    /// <summary>Reads what an earlier agent has learned.</summary>
    public RevokedPeers(string stateDirectory, ILogger logger)
    {
        (_path, _logger) = (Path.Combine(stateDirectory, "revoked"), logger);
        try
        {
            if (File.Exists(_path))
                _current = Read(File.ReadAllLines(_path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PeersLog.RevokedNotKept(logger, _path, e.Message);
        }
    }

    /// <summary>Whether nobody may speak for a host, or not with this certificate.</summary>
    /// <param name="host">The host.</param>
    /// <param name="certificate">What it shows; null for nothing.</param>
    public bool AreRevoked(string host, X509Certificate2? certificate) =>
        Volatile.Read(ref _current).Objection(certificate is null ? null : CertificateNames.FingerprintOf(certificate), host) is not null;

    /// <summary>Takes what the control plane says. Waits for nothing.</summary>
    /// <returns>True when it is new.</returns>
    public bool Learn(HostConfiguration configuration)
    {
        string[] lines = [.. configuration.RevokedHosts.Select(h => $"host {h}"), .. configuration.RevokedCertificates.Select(c => $"certificate {c}")];
        lock (_lock)
        {
            if (Lines(_current).ToHashSet(StringComparer.Ordinal).SetEquals(lines))
                return false;
            Volatile.Write(ref _current, Read(lines));
            _writing = _writing.ContinueWith(_ => Write(lines), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return true;
        }
    }

    private static IEnumerable<string> Lines(Revocations revoked) =>
        revoked.Hosts.Keys.Select(h => $"host {h}").Concat(revoked.Certificates.Keys.Select(c => $"certificate {c}"));

    private static Revocations Read(IEnumerable<string> lines)
    {
        var parts = lines.Select(l => l.Split(' ', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1], StringComparer.Ordinal);
        static ImmutableDictionary<string, T> Set<T>(IEnumerable<string> names, T why) =>
            names.Distinct(StringComparer.Ordinal).ToImmutableDictionary(n => n, _ => why, StringComparer.Ordinal);
        // Who did it and why only the control plane knows.
        return new(Set(parts["certificate"], ""), Set(parts["host"], new Core.Identity.HostRevocation("", default, "")));
    }

    private void Write(string[] lines)
    {
        try
        {
            DurableFile.Replace(_path, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PeersLog.RevokedNotKept(_logger, _path, e.Message);
        }
    }
}
