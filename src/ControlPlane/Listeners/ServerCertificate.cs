using System.Net.Security;
using HaGrpc.ControlPlane.Configuration;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Listeners;

/// <summary>The certificate that is shown to new connections: a renewed one from the next connection on. While the files do not fit together, as
/// between the renewals of two, the one before is shown.</summary>
internal sealed partial class ServerCertificate(IOptions<ControlPlaneOptions> options, ILogger<ServerCertificate> log)
{
    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _current;
    private (long Certificate, long Key) _read;
    private string _said = "";

    /// <summary>The one to show now.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The files have never been what they should be.</exception>
    public SslStreamCertificateContext Current()
    {
        var tls = options.Value.Tls;
        var written = (WrittenAt(tls.Certificate), WrittenAt(tls.Key));
        lock (_lock)
        {
            if (_current is not null && written == _read)
                return _current;
            if (TlsFiles.Problem(() => _current = Read(tls)) is not { } problem)
                (_read, _said) = (written, "");
            else if (_current is null)
                return Read(tls);
            else if (problem != _said)
                LogOld(log, tls.Certificate, _said = problem);
            return _current!;
        }
    }

    private static long WrittenAt(string file) => File.GetLastWriteTimeUtc(file).Ticks;

    private static SslStreamCertificateContext Read(TlsOptions tls) =>
        SslStreamCertificateContext.Create(TlsFiles.ServerCertificate(tls), TlsFiles.Intermediates(tls), offline: true);

    [LoggerMessage(1014, LogLevel.Error, "{File} or its key has changed and cannot be used, the certificate before is shown: {Reason}")]
    private static partial void LogOld(ILogger log, string file, string reason);
}
