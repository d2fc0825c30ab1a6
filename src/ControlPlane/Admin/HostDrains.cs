using Google.Protobuf.WellKnownTypes;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators want of a host, on the wire.</summary>
internal static class HostDrains
{
    /// <summary>Says who lets nobody speak for the host; nothing when nobody does.</summary>
    public static void Note(this HostStatus status, Core.Identity.HostRevocation? revocation)
    {
        if (revocation is not null)
            status.Revocation = new() { By = revocation.By, At = revocation.At.ToTimestamp(), Reason = revocation.Reason };
    }

    /// <summary>Says who wants the host empty; nothing when nobody does.</summary>
    public static void Note(this HostStatus status, HostDrain? drain)
    {
        if (drain is null)
            return;
        (status.DrainedBy, status.DrainedSince, status.DrainedReason) = (drain.By, drain.At.ToTimestamp(), drain.Reason);
    }
}
