using System.Runtime.InteropServices;

namespace HaGrpc.ControlPlane;

/// <summary>
/// The first SIGTERM or SIGINT is the host's: it ends everything in order. Who sends a second one does not want to wait:
/// the process ends at once with the exit code that shells give to a death by this signal. The leadership is then not
/// released; a successor on the same machine sees that its holder is gone, others wait until its term has run out (rule S3).
/// </summary>
internal sealed class SecondSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    /// <summary>Begins to count.</summary>
    public SecondSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Count(15)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Count(2)),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Count(int signal)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            Environment.Exit(128 + signal);
    }
}
