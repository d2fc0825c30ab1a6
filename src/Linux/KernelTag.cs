namespace HaGrpc.Linux;

/// <summary>How the kernel's tables remember that an entry is ours, so that only our own leftovers are removed.</summary>
public static class KernelTag
{
    /// <summary>IFA_PROTO of our addresses (Linux 5.18 and later; older kernels ignore it): 0x48, 'H'. The kernel itself
    /// uses 1 to 3.</summary>
    public const byte AddressProtocol = 0x48;

    /// <summary>rtm_protocol of our routes: 0x48, free in iproute2's rt_protos.</summary>
    public const byte RouteProtocol = 0x48;

    /// <summary>Name of our nf_tables tables in the families arp, ip and ip6.</summary>
    public const string Table = "hagrpc";
}
