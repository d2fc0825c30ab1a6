using System.Runtime.InteropServices;

namespace HaGrpc.LabProgram;

/// <summary>SIGTERM ends the role's loop instead of the process, so that it can finish what it is writing.</summary>
internal static class StopSignal
{
    public static PosixSignalRegistration On(CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
}
