using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HaGrpc.ControlPlane.Configuration;
using Microsoft.Extensions.Configuration;
using AgentSetting = HaGrpc.Agent.Configuration.Setting;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>docs/reference/configuration.md: every option of the two daemons, with what they say themselves to a value that is none.</summary>
internal static partial class ConfigurationReference
{
    private const string NoFile = "/no/such/file", Wrong = "?";

    private const string Head = """
        # Configuration

        Written from the source (`scripts/reference.sh`). Flags win over the environment, the environment wins over the JSON file of `--config FILE`, in which `Tls:Key` is
        `Key` inside `Tls`. Everything that is wrong is said at once, and the exit code is 2. The last column is what a daemon answers to a value that is none, here `?`
        or a file that is not there.

        """;

    public static string Text()
    {
        var text = new StringBuilder(Head);
        text.Append("\n## ha-controlplane\n\n| flag | environment | default | | a wrong value |\n|---|---|---|---|---|\n");
        foreach (var setting in Setting.All)
        {
            var usual = Default(setting.Key);
            Row(text, setting.Flag, setting.Value, $"HA_CONTROLPLANE_{setting.Key.Replace(":", "__", StringComparison.Ordinal)}", setting.Key, usual,
                setting.Meaning.Replace($" ({usual})", "", StringComparison.Ordinal), Answer(setting));
        }
        text.Append("\n## ha-agent\n\n| flag | environment | default | | a wrong value |\n|---|---|---|---|---|\n");
        foreach (var setting in AgentSetting.All)
        {
            var usual = UsualValue().Match(setting.Help);
            Row(text, setting.Flag, setting.Value, setting.Variable, setting.Key, usual.Success ? usual.Groups[1].Value : setting.IsSwitch ? "false" : "",
                usual.Success ? setting.Help.Replace(usual.Value, "", StringComparison.Ordinal) : setting.Help, Answer(setting));
        }
        return text.ToString();
    }

    private static void Row(StringBuilder text, string flag, string value, string variable, string key, string usual, string meaning, string answer) => text
        .Append("| ").Append(flag.Length == 0 ? $"`{key}` in the file" : value.Length == 0 ? $"`{flag}`" : $"`{flag} {value}`")
        .Append(" | `").Append(variable).Append("` | ").Append(usual.Length == 0 ? "none" : usual)
        .Append(" | ").Append(Escaped(meaning)).Append(" | ").Append(Escaped(answer)).Append(" |\n");

    private static string Escaped(string text) => text.Replace("|", @"\|", StringComparison.Ordinal);

    private static string Sample(string value) => value.StartsWith("FILE", StringComparison.Ordinal) ? NoFile : Wrong;

    private static string Default(string key)
    {
        object? value = new ControlPlaneOptions();
        foreach (var part in key.Split(':'))
            value = value?.GetType().GetProperty(part)!.GetValue(value);
        return value is bool flag ? (flag ? "true" : "false") : string.Create(CultureInfo.InvariantCulture, $"{value}");
    }

    private static string Answer(Setting setting)
    {
        var builder = new ConfigurationBuilder();
        var errors = ConfigurationSources.Add(builder, new(new Dictionary<string, string?> { [setting.Key] = Sample(setting.Value) }, null, false, []));
        var options = builder.Build().Get<ControlPlaneOptions>() ?? new();
        var result = new OptionsRules(errors).Validate(null, options);
        return Shown((result.Failures ?? []).FirstOrDefault(f => f.StartsWith(setting.Key, StringComparison.Ordinal)) ?? "");
    }

    private static string Answer(AgentSetting setting)
    {
        var errors = new List<string>();
        HaGrpc.Agent.Configuration.OptionsReader.Read([$"{setting.Flag}={Sample(setting.Value)}"], new Dictionary<string, string>(), errors);
        return Shown(errors.Find(e => e.StartsWith(setting.Flag + ":", StringComparison.Ordinal)) ?? "");
    }

    // Paths of this machine are no part of an answer.
    private static string Shown(string answer) => answer.Contains(AppContext.BaseDirectory, StringComparison.Ordinal) ? "" : answer;

    [GeneratedRegex(@" \(default:? ([^)]*(?:\([^)]*\))?[^)]*)\)")]
    private static partial Regex UsualValue();
}
