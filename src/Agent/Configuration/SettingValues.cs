using System.Collections;
using System.Text.Json;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Configuration;

/// <summary>The values of all settings as text, each with where it came from; later sources replace earlier ones.</summary>
/// <param name="errors">Receives one line per mistake.</param>
internal sealed class SettingValues(List<string> errors)
{
    private readonly Dictionary<string, (string Text, string Source)> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The value and how to name it to the operator; null when nobody gave one.</summary>
    public (string Text, string Source)? this[string key] => _values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Reads a JSON file: an object whose keys are those of <see cref="Setting.All"/>.</summary>
    public void AddFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(path),
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            AddObject(document.RootElement, path, "");
        }
        catch (JsonException e)
        {
            errors.Add($"{path}: not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"--config: cannot read {path}: {e.Message}");
        }
    }

    /// <summary>Reads the variables that begin with <see cref="Setting.EnvironmentPrefix"/>.</summary>
    public void AddEnvironment(IDictionary environment)
    {
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Setting.EnvironmentPrefix, StringComparison.Ordinal))
                continue;
            var setting = Setting.All.FirstOrDefault(s => s.Variable.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (setting is null)
                errors.Add($"{name}: no such variable{Near(name, Setting.All.Select(s => s.Variable))}");
            else
                _values[setting.Key] = ((string?)entry.Value ?? "", name);
        }
    }

    /// <summary>Reads flags: <c>--flag value</c> or <c>--flag=value</c>; a list is what all of its flags name together.</summary>
    public void AddFlags(IReadOnlyList<string> args)
    {
        var given = new HashSet<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (flag, value) = args[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? (args[i][..at], args[i][(at + 1)..])
                : (args[i], null);
            var setting = Setting.All.FirstOrDefault(s => s.Flag == flag);
            if (setting is null)
                errors.Add($"{args[i]}: no such option{Near(flag, Setting.All.Select(s => s.Flag))}");
            else if (setting.IsSwitch)
                _values[setting.Key] = (value ?? "true", flag);
            else if (value is null && i + 1 == args.Count)
                errors.Add($"{flag}: needs a value: {flag} {setting.Value}");
            else if (!given.Add(setting.Key) && setting.IsList)
                _values[setting.Key] = ($"{_values[setting.Key].Text},{value ?? args[++i]}", flag);
            else
                _values[setting.Key] = (value ?? args[++i], flag);
        }
    }

    private static string Near(string name, IEnumerable<string> candidates) =>
        NearestName.Of(name, candidates) is { } near ? $"; did you mean {near}?" : "";

    private void AddObject(JsonElement element, string path, string prefix)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{path}: {(prefix.Length == 0 ? "the file" : prefix)} must be an object");
            return;
        }
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in element.EnumerateObject())
        {
            var key = prefix + property.Name;
            if (!seen.Add(key))
                errors.Add($"{path}: {key} stands there twice");
            else if (Setting.All.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } setting)
                AddValue(setting.Key, property.Value, path);
            else if (Setting.All.Any(s => s.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
                AddObject(property.Value, path, key + ":");
            else
                errors.Add($"{path}: {key} is unknown{Near(key, Setting.All.Select(s => s.Key))}");
        }
    }

    private void AddValue(string key, JsonElement value, string path)
    {
        var source = $"{path}: {key}";
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _values[key] = (value.GetString() ?? "", source);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                _values[key] = (value.GetBoolean() ? "true" : "false", source);
                break;
            case JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                _values[key] = (string.Join(',', value.EnumerateArray().Select(item => item.GetString())), source);
                break;
            default:
                errors.Add($"{source}: {value.GetRawText()} is not a text");
                break;
        }
    }
}
