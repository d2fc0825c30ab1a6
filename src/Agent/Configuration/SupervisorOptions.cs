using System.Net;
using System.Text;

namespace HaGrpc.Agent.Configuration;

/// <summary>Reads where Supervisor's clients may ask.</summary>
internal static class SupervisorOptions
{
    // sockaddr_un.sun_path is 108 bytes, the last one 0 (unix(7)).
    private const int LongestSocketPath = 107;
    private const UnixFileMode Strangers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads them; mistakes go to <paramref name="errors"/>.</summary>
    public static SupervisorListeners Read(SettingValues values, List<string> errors)
    {
        var http = Http(values, errors);
        var login = Login(values, errors);
        if (http is not null && login.Length == 0 && errors.Count == 0)
            errors.Add("--supervisor-http: any account of this host could stop programs: name a file with USER:PASSWORD by --supervisor-login");
        return new(Socket(values, errors), http, login);
    }

    private static string Socket(SettingValues values, List<string> errors)
    {
        if (values["Supervisor:Socket"] is not { Text.Length: > 0 } given)
            return "";
        if (given.Text[0] != '/')
            errors.Add($"{given.Source}: '{given.Text}' is not an absolute path; right would be /run/ha-agent/supervisor.sock");
        else if (Encoding.UTF8.GetByteCount(given.Text) > LongestSocketPath)
            errors.Add($"{given.Source}: '{given.Text}' is too long for a Unix socket: at most {LongestSocketPath} bytes");
        return given.Text;
    }

    private static IPEndPoint? Http(SettingValues values, List<string> errors)
    {
        if (values["Supervisor:Http"] is not { Text.Length: > 0 } given)
            return null;
        if (!IPEndPoint.TryParse(given.Text, out var address) || address.Port == 0)
            errors.Add($"{given.Source}: '{given.Text}' is not an address and port; right would be 127.0.0.1:9001");
        else if (!IPAddress.IsLoopback(address.Address))
            errors.Add($"{given.Source}: '{given.Text}' is not on this host only: plain HTTP is served on loopback, for example 127.0.0.1:9001");
        return address;
    }

    private static string Login(SettingValues values, List<string> errors)
    {
        if (values["Supervisor:Login"] is not { Text.Length: > 0 } given)
            return "";
        try
        {
            if ((File.GetUnixFileMode(given.Text) & Strangers) != 0)
                errors.Add($"{given.Source}: others than its owner may read {given.Text}: chmod 600 {given.Text}");
            var login = File.ReadAllText(given.Text).Trim();
            if (login.IndexOf(':', StringComparison.Ordinal) is < 1 || login.EndsWith(':') || login.Contains('\n', StringComparison.Ordinal))
                errors.Add($"{given.Source}: {given.Text} must hold one line, USER:PASSWORD");
            return login;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{given.Source}: cannot read {given.Text}: {e.Message}");
            return "";
        }
    }
}
