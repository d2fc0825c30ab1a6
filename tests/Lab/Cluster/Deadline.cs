namespace HaGrpc.Lab.Cluster;

/// <summary>Of one call; gRPC takes it as wall-clock time.</summary>
internal static class Deadline
{
    public static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;
}
