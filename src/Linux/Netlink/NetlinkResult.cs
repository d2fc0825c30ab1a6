using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Netlink;

/// <summary>The kernel's answer to a netlink request.</summary>
/// <param name="Errno">0 when it was done, else the errno (positive).</param>
/// <param name="Detail">The kernel's extended acknowledgement (NLMSGERR_ATTR_MSG), or empty.</param>
public readonly record struct NetlinkResult(int Errno, string Detail = "")
{
    /// <summary>Done.</summary>
    public static NetlinkResult Done => new(0);

    /// <summary>True when the kernel did it.</summary>
    public bool Succeeded => Errno == 0;

    /// <summary>True for ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL: what was to be removed is not there.</summary>
    public bool IsAbsent => Errno is Sockets.SocketCalls.ENOENT or Sockets.SocketCalls.ESRCH
        or Sockets.SocketCalls.ENODEV or Sockets.SocketCalls.EADDRNOTAVAIL;

    /// <summary>True for EEXIST: what was to be added is there already.</summary>
    public bool IsPresent => Errno == Sockets.SocketCalls.EEXIST;

    /// <summary>True for ERESTART: a batch named a generation of the ruleset that is over, and nothing of it was done (rule W4).</summary>
    public bool IsOvertaken => Errno == Sockets.SocketCalls.ERESTART;

    /// <summary>The error in the C library's and the kernel's words; <c>done</c> without error.</summary>
    public override string ToString() => Errno == 0
        ? "done"
        : Detail.Length == 0
            ? $"{Marshal.GetPInvokeErrorMessage(Errno)} (errno {Errno})"
            : $"{Marshal.GetPInvokeErrorMessage(Errno)} (errno {Errno}): {Detail}";
}
