using Google.Protobuf.WellKnownTypes;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>A drain on the wire.</summary>
internal static class HostDrains
{
    /// <summary>Says who wants the host empty; nothing when nobody does.</summary>
    public static void Note(this HostStatus status, HostDrain? drain)
    {
        if (drain is null)
            return;
        (status.DrainedBy, status.DrainedSince, status.DrainedReason) = (drain.By, drain.At.ToTimestamp(), drain.Reason);
    }
}
