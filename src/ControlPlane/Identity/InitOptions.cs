using System.Collections.Immutable;
using System.Net;
using HaGrpc.Core.Access;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>What <c>ha-controlplane init</c> is told.</summary>
/// <param name="Folder">Where everything goes; absolute.</param>
/// <param name="Names">Names and addresses by which the control plane is reached, as they were given.</param>
/// <param name="Admin">The operator to make a certificate for; empty for none.</param>
/// <param name="Force">Replace what is there.</param>
/// <param name="Renew">Make certificates of the authority that is there.</param>
internal sealed record InitOptions(string Folder, ImmutableArray<string> Names, string Admin, bool Force, bool Renew)
{
    /// <summary>The help.</summary>
    public const string Help = """
        usage: ha-controlplane init --data-dir DIR [--name HOST-OR-IP]... [--admin NAME] [--force]
               ha-controlplane init --renew --data-dir DIR [--name HOST-OR-IP]... [--admin NAME]

        Makes what a control plane needs to serve mutual TLS and to give certificates to hosts: an authority, a certificate of its own, and one for
        the first operator, whom the first start lets in as an admin. Changes nothing when any of it is there.

          --data-dir DIR        where it all goes, for its owner only; run it as the user of the control plane
          --name HOST-OR-IP     how agents and hactl reach this control plane, also given several times (this machine's name; loopback is always in it)
          --admin NAME          the first operator (admin)
          --force               replace what is there: every certificate of the authority before is void
          --renew               keep the authority: a new certificate for this control plane, and for an operator that --admin names
        """;

    /// <summary>Reads the arguments behind <c>init</c>.</summary>
    /// <param name="arguments">They.</param>
    /// <param name="errors">Receives one line for each mistake.</param>
    public static InitOptions Read(IReadOnlyList<string> arguments, List<string> errors)
    {
        var (folder, admin, names) = ("", (string?)null, ImmutableArray.CreateBuilder<string>());
        var (force, renew) = (false, false);
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            switch (parts[0])
            {
                case "--force":
                    force = true;
                    break;
                case "--renew":
                    renew = true;
                    break;
                case "--data-dir" or "--name" or "--admin":
                    var value = parts.Length == 2 ? parts[1] : i + 1 < arguments.Count ? arguments[++i] : null;
                    if (value is not { Length: > 0 })
                        errors.Add($"{parts[0]}: needs a value");
                    else if (parts[0] == "--data-dir")
                        folder = value;
                    else if (parts[0] == "--admin")
                        admin = value;
                    else
                        names.Add(value);
                    break;
                default:
                    errors.Add($"{arguments[i]}: unknown; known are --data-dir, --name, --admin, --force, --renew");
                    break;
            }
        }
        if (folder.Length == 0 && errors.Count == 0)
            errors.Add("--data-dir: missing; usual is /var/lib/hagrpc");
        if (force && renew)
            errors.Add("--force and --renew: one replaces the authority, the other keeps it: give one of them");
        errors.AddRange(names.Where(n => !IsReachable(n)).Select(
            n => $"--name is '{n}': it must be a host's name or an address, without scheme and port, for example ha1.example.org or 10.0.0.1"));
        if (admin is not null && AdminProblem(admin) is { } wrong)
            errors.Add($"--admin is '{admin}': {wrong}");
        return new(folder.Length > 0 ? Path.GetFullPath(folder) : "", names.ToImmutable(), admin ?? (renew ? "" : "admin"), force, renew);
    }

    /// <summary>How the certificate is to name this control plane: what was given, else this machine, and loopback.</summary>
    public string[] AllNames() =>
    [
        .. (Names.IsEmpty ? [Environment.MachineName] : Names).Concat(["localhost", "127.0.0.1", "::1"]).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    private static bool IsReachable(string name) => IPAddress.TryParse(name, out _) || Uri.CheckHostName(name) == UriHostNameType.Dns;

    private static string? AdminProblem(string name) =>
        AccessRules.AdditionProblem([], new(name, AccountKind.Certificate, OperatorRole.Admin, [], null, IsDisabled: false), name)?.Replace("name: ", "", StringComparison.Ordinal);
}
