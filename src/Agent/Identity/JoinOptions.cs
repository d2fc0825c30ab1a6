using System.Collections.Immutable;
using HaGrpc.Core.Identity;

namespace HaGrpc.Agent.Identity;

/// <summary>What <c>ha-agent join</c> is told.</summary>
/// <param name="Endpoints">Control planes, https.</param>
/// <param name="Host">The host to be.</param>
/// <param name="Token">What was created for it.</param>
/// <param name="StateDirectory">Where the certificate goes.</param>
/// <param name="Force">Replace one that is there.</param>
internal sealed record JoinOptions(ImmutableArray<Uri> Endpoints, string Host, JoinToken Token, string StateDirectory, bool Force)
{
    /// <summary>The help.</summary>
    public const string Help = """
        usage: ha-agent join --control-plane URL[,URL] --token TOKEN [--host NAME] [--state-dir DIR] [--force]

        Makes a key, gets a certificate for it with a token (hactl token create --host NAME), and stores both in DIR/identity. An agent that is
        started with that state directory uses them by itself, and renews them. The key never leaves this host.

          --control-plane URL[,URL]   https:// endpoints of the control planes
          --token TOKEN               is good once; the authority's hash in it tells the right control plane from any other
          --token-file FILE           read it from a file, or from standard input by -: then it is in no process list
          --host NAME                 this host's name at the control plane (default: the machine's host name)
          --state-dir DIR             the agent's state directory, also --data-dir (default /var/lib/ha-agent)
          --force                     replace a certificate that is there, for example one that was revoked
        """;

    private static readonly string[] Valued = ["--control-plane", "--token", "--token-file", "--host", "--state-dir", "--data-dir"];

    /// <summary>Reads the arguments behind <c>join</c>.</summary>
    /// <param name="arguments">They.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="errors">Receives one line for each mistake.</param>
    /// <returns>Null when there are any.</returns>
    public static JoinOptions? Read(IReadOnlyList<string> arguments, TextReader input, List<string> errors)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        var force = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            if (arguments[i] == "--force")
                force = true;
            else if (!Valued.Contains(parts[0]))
                errors.Add($"{arguments[i]}: unknown; known are {string.Join(", ", Valued)}, --force");
            else if ((parts.Length == 2 ? parts[1] : i + 1 < arguments.Count ? arguments[++i] : null) is { Length: > 0 } value)
                given[parts[0]] = value;
            else
                errors.Add($"{parts[0]}: needs a value");
        }
        if (given.ContainsKey("--state-dir") && given.ContainsKey("--data-dir"))
            errors.Add("--state-dir and --data-dir are the same: give one of them");
        var folder = given.GetValueOrDefault("--state-dir") ?? given.GetValueOrDefault("--data-dir") ?? "/var/lib/ha-agent";
        var host = given.GetValueOrDefault("--host") ?? Environment.MachineName;
        if (HostNames.Problem(host) is { } wrong)
            errors.Add($"--host is '{host}': {wrong}");
        var endpoints = ReadEndpoints(given.GetValueOrDefault("--control-plane"), errors);
        var token = ReadToken(given, input, errors);
        return errors.Count == 0 ? new(endpoints, host, token!, Path.GetFullPath(folder), force) : null;
    }

    private static ImmutableArray<Uri> ReadEndpoints(string? given, List<string> errors)
    {
        if (given is null)
        {
            errors.Add("--control-plane: missing; right would be https://ha.example.org:7443");
            return [];
        }
        var endpoints = ImmutableArray.CreateBuilder<Uri>();
        foreach (var text in given.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0)
                endpoints.Add(uri);
            else
                errors.Add($"--control-plane is '{text}': it must be https://, host and port, for example https://ha.example.org:7443: without TLS there are no certificates");
        }
        return endpoints.ToImmutable();
    }

    private static JoinToken? ReadToken(Dictionary<string, string> given, TextReader input, List<string> errors)
    {
        if (given.ContainsKey("--token") == given.ContainsKey("--token-file"))
        {
            errors.Add("--token: give it, or --token-file (hactl token create --host NAME prints it)");
            return null;
        }
        try
        {
            var text = given.TryGetValue("--token", out var told) ? told
                : given["--token-file"] == "-" ? input.ReadLine() ?? ""
                : File.ReadAllText(given["--token-file"]);
            if (JoinToken.Parse(text.Trim()) is { } token)
                return token;
            // Never the text itself: it may be a secret all the same.
            errors.Add("--token: it is no join token (hagrpc1join.ID.SECRET.HASH): copy the whole of what hactl token create has printed");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"--token-file is '{given["--token-file"]}': {e.Message}");
        }
        return null;
    }
}
