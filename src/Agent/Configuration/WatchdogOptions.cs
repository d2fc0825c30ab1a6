using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Configuration;

/// <summary>Whether a watchdog resets this host when it hangs as an owner.</summary>
internal enum WatchdogMode
{
    /// <summary>No device is touched.</summary>
    Off,

    /// <summary>One that is there is used as well as it can be.</summary>
    Auto,

    /// <summary>The agent does not start without one, and says of a group that it cannot guard that this host is unfit for it.</summary>
    Required,
}

/// <summary>The watchdog of this host.</summary>
/// <param name="Mode">Whether it is used.</param>
/// <param name="Device">Absolute path of the device.</param>
internal sealed record WatchdogOptions(WatchdogMode Mode, string Device)
{
    /// <summary>The device unless another is given.</summary>
    public const string UsualDevice = "/dev/watchdog";

    private static readonly string[] Modes = ["off", "auto", "required"];

    /// <summary>No watchdog.</summary>
    public static WatchdogOptions None { get; } = new(WatchdogMode.Off, UsualDevice);

    /// <summary>Reads it; mistakes go to <paramref name="errors"/>.</summary>
    /// <param name="values">The settings.</param>
    /// <param name="errors">Receives one line per mistake.</param>
    public static WatchdogOptions Read(SettingValues values, List<string> errors)
    {
        var mode = 0;
        if (values["Watchdog"] is { Text.Length: > 0 } given
            && (mode = Array.FindIndex(Modes, name => name.Equals(given.Text, StringComparison.OrdinalIgnoreCase))) < 0)
        {
            var right = NearestName.Of(given.Text, Modes) ?? "off, auto or required";
            errors.Add($"{given.Source}: '{given.Text}' is not a mode; right would be {right}");
        }
        var (device, source) = values["WatchdogDevice"] ?? (UsualDevice, "");
        if (device.Length == 0 || device[0] != '/')
            errors.Add($"{source}: '{device}' is not an absolute path; usual is {UsualDevice}");
        return new((WatchdogMode)mode, device);
    }
}
