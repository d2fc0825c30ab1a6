using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Links;

namespace HaGrpc.Linux.Watching;

/// <summary>Something changed in the kernel's tables, by whomever.</summary>
public abstract record KernelChange
{
    /// <summary>An address was added or its lifetime or tag changed (<paramref name="Removed"/> false), or removed.</summary>
    /// <param name="Entry">The address.</param>
    /// <param name="Removed">True: it is gone.</param>
    public sealed record Address(AddressEntry Entry, bool Removed) : KernelChange;

    /// <summary>A link changed, or was removed.</summary>
    /// <param name="Entry">The link as it is now.</param>
    /// <param name="Removed">True: it is gone.</param>
    public sealed record Link(LinkEntry Entry, bool Removed) : KernelChange;

    /// <summary>Somebody other than the ignored sockets changed our nf_tables tables.</summary>
    /// <param name="By">The last who did, as <c>nft (process 4711)</c>; empty where the kernel does not say.</param>
    public sealed record Gate(string By) : KernelChange;

    /// <summary>The kernel had to drop notifications: look at everything.</summary>
    public sealed record Lost : KernelChange;
}
