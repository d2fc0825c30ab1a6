namespace HaGrpc.Linux.Links;

/// <summary>Settings of an interface under /proc/sys/net, which shows the network namespace of the thread that opens it
/// (/sys/class/net shows that of the mount).</summary>
public static class LinkSettings
{
    /// <summary>Reads a setting.</summary>
    /// <param name="family"><c>ipv4</c> or <c>ipv6</c>.</param>
    /// <param name="interfaceName">An interface's name, or <c>all</c>.</param>
    /// <param name="setting">File name, for example <c>promote_secondaries</c>.</param>
    /// <returns>The value, or empty when it cannot be read.</returns>
    public static string Read(string family, string interfaceName, string setting)
    {
        try
        {
            return File.ReadAllText(PathOf(family, interfaceName, setting)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Writes a setting.</summary>
    /// <returns>Empty, or why it could not be written.</returns>
    public static string Write(string family, string interfaceName, string setting, string value)
    {
        string path = PathOf(family, interfaceName, setting);
        try
        {
            File.WriteAllText(path, value);
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be set to {value}: {e.Message}";
        }
    }

    private static string PathOf(string family, string interfaceName, string setting) =>
        $"/proc/sys/net/{family}/conf/{interfaceName}/{setting}";
}
