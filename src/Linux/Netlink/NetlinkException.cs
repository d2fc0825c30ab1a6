using System.Diagnostics.CodeAnalysis;

namespace HaGrpc.Linux.Netlink;

/// <summary>The kernel refused a question that it should always answer.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Without the request and the answer it would say nothing.")]
public sealed class NetlinkException : Exception
{
    /// <summary>Names the request and the answer.</summary>
    public NetlinkException(string request, NetlinkResult result)
        : base($"netlink {request}: {result}") => Result = result;

    /// <summary>The kernel's answer.</summary>
    public NetlinkResult Result { get; }
}
