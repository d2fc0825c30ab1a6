namespace HaGrpc.ControlPlane.Configuration;

/// <summary>The flags as settings.</summary>
/// <param name="Settings">By key.</param>
/// <param name="ConfigFile">The JSON file; null for none.</param>
/// <param name="Help">True: only the help is wanted.</param>
/// <param name="Errors">One line each.</param>
internal sealed record CommandLine(
    IReadOnlyDictionary<string, string?> Settings,
    string? ConfigFile,
    bool Help,
    IReadOnlyList<string> Errors)
{
    private const string ConfigFlag = "--config";

    /// <summary>Reads <c>--flag value</c> and <c>--flag=value</c>; switches stand alone.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string?>();
        var errors = new List<string>();
        string? file = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is "--help" or "-h")
                return new(settings, null, true, []);
            var parts = arguments[i].Split('=', 2);
            var setting = Setting.All.FirstOrDefault(s => s.Flag.Length > 0 && s.Flag == parts[0]);
            if (setting is null && parts[0] != ConfigFlag)
            {
                errors.Add($"{arguments[i]}: unknown flag; known are {ConfigFlag}, {string.Join(", ", Flags)}");
                continue;
            }
            var value = parts.Length == 2 ? parts[1] : setting?.Value == "" ? "true" : i + 1 < arguments.Count ? arguments[++i] : null;
            if (value is null)
                errors.Add($"{parts[0]}: needs a value: {parts[0]} {setting?.Value ?? "FILE"}");
            else if (setting is null)
                file = value;
            else
                settings[setting.Key] = value;
        }
        return new(settings, file, false, errors);
    }

    /// <summary>The help.</summary>
    public static string HelpText => string.Join('\n',
    [
        "ha-controlplane: decides which host owns which group, and tells the agents.",
        "",
        $"  {ConfigFlag + " FILE",-30} JSON file with the settings below",
        .. Setting.All.Where(s => s.Flag.Length > 0).Select(s => $"  {s.Flag + " " + s.Value,-30} {s.Meaning}"),
        "",
        "  ha-controlplane init --help    makes an authority, a certificate for this control plane, and the first operator's",
        "",
        "Each setting can also stand in the environment, for example HA_CONTROLPLANE_Listen__Grpc, or in the file:",
        "  { \"Listen\": { \"Grpc\": \"127.0.0.1:7443\" } }",
        "Flags win over the environment, the environment wins over the file. Exit code 2: bad configuration.",
        "SIGTERM or SIGINT ends it in order (exit code 0), a second one at once (143 or 130).",
    ]);

    private static IEnumerable<string> Flags => Setting.All.Select(s => s.Flag).Where(f => f.Length > 0);
}
