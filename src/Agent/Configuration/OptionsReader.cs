using System.Collections;
using System.Collections.Immutable;
using System.Net;
using HaGrpc.Agent.Identity;
using HaGrpc.Core.Model;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Configuration;

/// <summary>Turns file, environment and flags into <see cref="AgentOptions"/>, and reports everything that is wrong at once.</summary>
internal static class OptionsReader
{
    /// <summary>Reads all sources.</summary>
    /// <param name="args">The command line without <c>--help</c> and <c>--version</c>.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="errors">Receives one line per mistake.</param>
    /// <returns>The options, or null when there are errors.</returns>
    public static AgentOptions? Read(IReadOnlyList<string> args, IDictionary environment, List<string> errors)
    {
        var values = new SettingValues(errors);
        // As ha-agent join may have been told.
        List<string> flags = [.. args.Select(a => a == "--data-dir" || a.StartsWith("--data-dir=", StringComparison.Ordinal) ? $"--state-dir{a["--data-dir".Length..]}" : a)];
        if (TakeConfigFlag(flags, errors) is { } file)
            values.AddFile(file);
        values.AddEnvironment(environment);
        values.AddFlags(flags);

        var plaintext = Switch(values, "AllowPlaintext", errors);
        var (controlPlane, state) = (Endpoints(values, plaintext, errors), AbsolutePath(values, "StateDirectory", "/var/lib/ha-agent", errors));
        var identity = Joined(values, controlPlane, state);
        var tls = identity?.Tls ?? new(
            ExistingFile(values, "Tls:Certificate", "", errors),
            ExistingFile(values, "Tls:Key", "", errors),
            ExistingFile(values, "Tls:Ca", "", errors));
        var options = new AgentOptions
        {
            Host = HostName(values, identity?.Host(), errors),
            ControlPlane = controlPlane,
            RunDirectory = AbsolutePath(values, "RunDirectory", "/run/ha-agent", errors),
            StateDirectory = state,
            ShimPath = ExistingFile(values, "Shim", Path.Combine(AppContext.BaseDirectory, "ha-shim"), errors),
            AllowPlaintext = plaintext,
            Tls = tls,
            Identity = identity,
            Peers = PeerListener.Read(values, tls.Certificate.Length > 0, plaintext, errors),
            Supervisor = SupervisorOptions.Read(values, errors),
            Watchdog = WatchdogOptions.Read(values, errors),
            LogFile = values["Log:File"]?.Text ?? "",
            LogLevel = Level(values, errors),
        };
        CheckTls(options, errors);
        if (options.RunDirectory == options.StateDirectory)
            errors.Add($"--run-dir and --state-dir are both {options.RunDirectory}: one must survive a boot, the other must not");
        return errors.Count == 0 ? options : null;
    }

    private static string? TakeConfigFlag(List<string> flags, List<string> errors)
    {
        var at = flags.FindIndex(flag => flag == "--config" || flag.StartsWith("--config=", StringComparison.Ordinal));
        if (at < 0)
            return null;
        var flag = flags[at];
        flags.RemoveAt(at);
        if (flag != "--config")
            return flag["--config=".Length..];
        if (at == flags.Count)
        {
            errors.Add("--config: needs a value: --config FILE");
            return null;
        }
        var file = flags[at];
        flags.RemoveAt(at);
        return file;
    }

    /// <summary>What <c>ha-agent join</c> has brought, unless an operator has named other files or every connection is in plain text.</summary>
    private static IdentityFiles? Joined(SettingValues values, ImmutableArray<Uri> controlPlane, string state)
    {
        string[] named = ["Tls:Certificate", "Tls:Key", "Tls:Ca"];
        var files = new IdentityFiles(state);
        return files.Exist && named.All(key => values[key] is not { Text.Length: > 0 }) && controlPlane.Any(uri => uri.Scheme == Uri.UriSchemeHttps)
            ? files
            : null;
    }

    private static string HostName(SettingValues values, string? joined, List<string> errors)
    {
        var (name, source) = values["Host"] ?? (joined ?? Environment.MachineName, "the machine's host name");
        if (name.Length is 0 or > 63 || name[0] is '.' or '-' || name.Any(c => c is ':' or '/' or '*' || char.IsWhiteSpace(c) || char.IsControl(c)))
            errors.Add($"{source}: '{name}' is not a host's name: 1 to 63 characters without white space, ':', '/' or '*', not beginning with '.' or '-'");
        return name;
    }

    private static ImmutableArray<Uri> Endpoints(SettingValues values, bool plaintext, List<string> errors)
    {
        if (values["ControlPlane"] is not { } given)
        {
            errors.Add("--control-plane: missing; right would be http://127.0.0.1:7443 or https://ha.example.org:7443");
            return [];
        }
        var endpoints = ImmutableArray.CreateBuilder<Uri>();
        foreach (var text in given.Text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                errors.Add($"{given.Source}: '{text}' is not a URL; right would be http://10.0.0.1:7443 or https://ha.example.org:7443");
            else if (uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
                errors.Add($"{given.Source}: '{text}' may hold scheme, host and port only; right would be {uri.Scheme}://{uri.Authority}");
            else if (uri.Scheme == "http" && !plaintext && !IsLoopback(uri))
                errors.Add($"{given.Source}: '{text}' would send everything in plain text to another host: use https://, or --allow-plaintext in a network that you trust");
            else if (!endpoints.Contains(uri))
                endpoints.Add(uri);
        }
        return endpoints.ToImmutable();
    }

    private static bool IsLoopback(Uri uri) =>
        uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string AbsolutePath(SettingValues values, string key, string usual, List<string> errors)
    {
        var (path, source) = values[key] ?? (usual, key);
        if (path.Length == 0 || path[0] != '/')
            errors.Add($"{source}: '{path}' is not an absolute path; usual is {usual}");
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    private static string ExistingFile(SettingValues values, string key, string usual, List<string> errors)
    {
        var (path, source) = values[key] ?? (usual, Setting.All.First(s => s.Key == key).Flag);
        if (path.Length == 0)
            return "";
        if (!File.Exists(path))
            errors.Add($"{source}: there is no file {path}");
        return Path.GetFullPath(path);
    }

    private static bool Switch(SettingValues values, string key, List<string> errors)
    {
        if (values[key] is not { } given)
            return false;
        if (!bool.TryParse(given.Text, out var on))
            errors.Add($"{given.Source}: '{given.Text}' is neither true nor false");
        return on;
    }

    private static LogLevel Level(SettingValues values, List<string> errors)
    {
        if (values["Log:Level"] is not { } given)
            return LogLevel.Information;
        LogLevel[] levels = [LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.Critical];
        foreach (var level in levels)
        {
            if (level.ToString().Equals(given.Text, StringComparison.OrdinalIgnoreCase))
                return level;
        }
        var near = NearestName.Of(given.Text, levels.Select(level => level.ToString())) ?? "information";
        errors.Add($"{given.Source}: '{given.Text}' is not a level; right would be {near.ToLowerInvariant()}");
        return LogLevel.Information;
    }

    private static void CheckTls(AgentOptions options, List<string> errors)
    {
        if (options.Tls.Certificate.Length > 0 != options.Tls.Key.Length > 0)
            errors.Add("--tls-cert and --tls-key: give both or none");
        var any = options.Tls.Certificate.Length > 0 || options.Tls.Ca.Length > 0;
        if (any && !options.ControlPlane.IsEmpty && options.ControlPlane.All(uri => uri.Scheme == "http"))
            errors.Add("--tls-cert, --tls-key, --tls-ca: no endpoint is https://, so they would not be used");
    }
}
