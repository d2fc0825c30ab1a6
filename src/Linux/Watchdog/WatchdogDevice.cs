using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Watchdogs;

/// <summary>
/// A watchdog of the kernel (Documentation/watchdog/watchdog-api.rst). It ticks from the moment it is opened, and resets the machine when it
/// is not petted for one timeout. Closed without having been stopped it goes on ticking; the kernel pets it once then. One process at a
/// time can have it open. For one thread; a call takes as long as the driver takes.
/// </summary>
internal sealed unsafe partial class WatchdogDevice : IDisposable
{
    // linux/watchdog.h; the encoding is that of asm-generic/ioctl.h, which linux-x64 and linux-arm64 share.
    private const uint GetSupport = 0x80285700, SetOptions = 0x80045704, SetTimeoutOf = 0xC0045706, GetTimeoutOf = 0x80045707;
    private const int DisableCard = 1;
    private const int LongestTried = 60;
    private const int NoDevice = 19, NotTypewriter = 25, NotSupported = 95;

    private int _device;

    private WatchdogDevice(int device, string identity) => (_device, Identity) = (device, identity);

    /// <summary>What the driver calls itself.</summary>
    public string Identity { get; }

    /// <summary>Opens it, which starts it.</summary>
    /// <param name="path">Usually <c>/dev/watchdog</c>.</param>
    /// <param name="problem">Why not, for the operator; empty when it is open.</param>
    public static WatchdogDevice? TryOpen(string path, out string problem)
    {
        // Not to be held up by what is no device: a pipe would wait for its reader.
        var device = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK, 0);
        if (device < 0)
        {
            problem = Marshal.GetLastPInvokeError() switch
            {
                Libc.ENOENT or NoDevice => $"there is no {path}: load the driver of this machine's watchdog, or softdog",
                Libc.EBUSY => $"another process has {path} open, for example systemd (RuntimeWatchdogSec) or watchdogd",
                var error => $"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}",
            };
            return null;
        }
        var support = default(Support);
        if (ioctl(device, GetSupport, &support) != 0)
        {
            problem = $"{path} is no watchdog: {Marshal.GetLastPInvokeErrorMessage()}";
            _ = Libc.close(device);
            return null;
        }
        var identity = new ReadOnlySpan<byte>(support.Identity, Support.IdentityBytes);
        var end = identity.IndexOf((byte)0);
        problem = "";
        return new WatchdogDevice(device, Encoding.UTF8.GetString(end < 0 ? identity : identity[..end]));
    }

    /// <summary>The timeout in force, in seconds.</summary>
    /// <exception cref="Win32Exception">The driver does not tell.</exception>
    public int Timeout
    {
        get
        {
            int seconds;
            return ioctl(_device, GetTimeoutOf, &seconds) == 0 ? seconds : throw Failure("reading the timeout");
        }
    }

    /// <summary>Sets the timeout. A driver that refuses it is asked for half of it, and so on, then for the shortest longer one; one whose
    /// timeout is fixed keeps it.</summary>
    /// <param name="seconds">1 to 60.</param>
    /// <returns>What the driver made of it, in seconds.</returns>
    /// <exception cref="Win32Exception">The device failed.</exception>
    public int SetTimeout(int seconds)
    {
        for (var shorter = seconds; shorter > 0; shorter /= 2)
        {
            if (TrySetTimeout(shorter, out var taken))
                return taken;
        }
        for (var longer = seconds + 1; longer <= LongestTried; longer++)
        {
            if (TrySetTimeout(longer, out var taken))
                return taken;
        }
        return Timeout;
    }

    /// <summary>Pets it: the timeout begins anew.</summary>
    /// <exception cref="Win32Exception">The device failed.</exception>
    public void Pet() => Write(0);

    /// <summary>Stops it and closes the device.</summary>
    /// <returns>False when the driver cannot stop it (<c>nowayout</c>): it is still open, and ticks.</returns>
    /// <exception cref="Win32Exception">The device failed.</exception>
    public bool TryStop()
    {
        var option = DisableCard;
        // An old driver knows no options, and is stopped by its close alone.
        if (ioctl(_device, SetOptions, &option) != 0 && Marshal.GetLastPInvokeError() is not (NotTypewriter or NotSupported))
            return false;
        // Without this letter a close is taken for that of a process that has died (magic close).
        Write((byte)'V');
        Dispose();
        return true;
    }

    /// <summary>Closes the device; it ticks on unless it was stopped.</summary>
    public void Dispose()
    {
        if (_device >= 0)
            _ = Libc.close(_device);
        _device = -1;
    }

    private bool TrySetTimeout(int seconds, out int taken)
    {
        var value = seconds;
        var isSet = ioctl(_device, SetTimeoutOf, &value) == 0;
        taken = value;
        return isSet;
    }

    private void Write(byte value)
    {
        nint written;
        do
            written = write(_device, &value, 1);
        while (written < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        if (written != 1)
            throw Failure("petting it");
    }

    private static Win32Exception Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new Win32Exception(error, $"{what} failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int device, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int device, byte* bytes, nint count);

    /// <summary>struct watchdog_info.</summary>
    private struct Support
    {
        public const int IdentityBytes = 32;

#pragma warning disable CS0649 // Written by the kernel.
        public uint Options;
        public uint FirmwareVersion;
        public fixed byte Identity[IdentityBytes];
#pragma warning restore CS0649
    }
}
