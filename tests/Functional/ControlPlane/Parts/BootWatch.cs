using HaGrpc.Linux;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>How long something takes, on the clock that everything here is measured by.</summary>
internal sealed class BootWatch
{
    private readonly long _begun = BootClock.Nanoseconds;

    public TimeSpan Elapsed => TimeSpan.FromTicks((BootClock.Nanoseconds - _begun) / 100);
}
