using System.Text.Json;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>File, environment and flags, in rising order, and what is wrong in them.</summary>
internal static class ConfigurationSources
{
    private const string EnvironmentPrefix = "HA_CONTROLPLANE_";

    /// <summary>Adds the sources. What cannot be bound is taken out again, so that everything else can be judged too.</summary>
    public static ConfigurationErrors Add(IConfigurationBuilder builder, CommandLine line)
    {
        var errors = new List<string>(line.Errors);
        var merged = new ConfigurationBuilder();
        if (line.ConfigFile is { } file)
            AddFile(merged, file, errors);
        var settings = merged.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(line.Settings).Build();
        var good = new Dictionary<string, string?>();
        foreach (var (key, value) in settings.AsEnumerable().Where(s => s.Value is not null))
        {
            var setting = Setting.All.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
            if (setting is null)
                errors.Add($"{key}: unknown setting{Near(key)}");
            else if (setting.Right(value!) is { } right)
                errors.Add(ConfigurationErrors.Line(setting.Key, value!, $"it must be {right}"));
            else
                good[setting.Key] = value;
        }
        FillIn(good);
        builder.AddInMemoryCollection(good);
        return new(errors);
    }

    /// <summary>What the folder of <c>ha-controlplane init</c> has, where nothing else is configured.</summary>
    private static void FillIn(Dictionary<string, string?> settings)
    {
        if (settings.GetValueOrDefault("Identity:Directory") is not { Length: > 0 } folder)
            return;
        var files = new Identity.IdentityFiles(folder);
        if (!settings.ContainsKey("Tls:Certificate") && !settings.ContainsKey("Tls:Key"))
            (settings["Tls:Certificate"], settings["Tls:Key"]) = (files.Server, files.Server);
        settings.TryAdd("Tls:ClientCa", files.AuthorityCertificate);
        settings.TryAdd("Storage:Sqlite", files.Database);
    }

    private static string Near(string key) =>
        HaGrpc.Core.Model.NearestName.Of(key, Setting.All.Select(s => s.Key)) is { } near
            ? $"; did you mean {near}?"
            : $"; known are {string.Join(", ", Setting.All.Select(s => s.Key))}";

    private static void AddFile(ConfigurationBuilder builder, string file, List<string> errors)
    {
        try
        {
            // A stream can be read once: what was built from it is what is added.
            using var stream = new MemoryStream(File.ReadAllBytes(file));
            builder.AddConfiguration(new ConfigurationBuilder().AddJsonStream(stream).Build());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"--config is '{file}': cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidDataException)
        {
            errors.Add($"--config is '{file}': not valid JSON: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
