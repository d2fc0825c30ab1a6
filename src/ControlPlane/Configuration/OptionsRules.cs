using System.Net;
using HaGrpc.ControlPlane.Listeners;
using Microsoft.Extensions.Options;
using Serilog.Events;

namespace HaGrpc.ControlPlane.Configuration;

/// <summary>Everything that is wrong with the configuration, at once.</summary>
/// <param name="earlier">What was wrong before binding.</param>
internal sealed class OptionsRules(ConfigurationErrors earlier) : IValidateOptions<ControlPlaneOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ControlPlaneOptions options)
    {
        var errors = new List<string>(earlier.All);
        var hasTls = options.Tls.Certificate.Length > 0;
        CheckListener("Listen:Grpc", options.Listen.Grpc, hasTls, options.Listen.AllowPlaintext, errors);
        CheckListener("Listen:Http", options.Listen.Http, hasTls, options.Listen.AllowPlaintext, errors);
        CheckAdvertised(options.Listen.Advertise, hasTls, errors);
        CheckIdentity(options.Identity, errors);
        CheckTls(options.Tls, errors);
        CheckStorage(options, errors);
        CheckLog(options.Log, errors);
        if (options.Agents.ClockTolerance <= TimeSpan.Zero)
            errors.Add(ConfigurationErrors.Line("Agents:ClockTolerance", $"{options.Agents.ClockTolerance}", "it must be positive"));
        CheckFolder("Fencing:Agents", options.Fencing.Agents, errors);
        CheckFolder("Fencing:Scripts", options.Fencing.Scripts, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckListener(string field, string value, bool hasTls, bool allowPlaintext, List<string> errors)
    {
        if (!ListenAddress.TryParse(value, out var address))
        {
            errors.Add(ConfigurationErrors.Line(
                field, value, "it must be ADDRESS:PORT, for example 127.0.0.1:7443, 0.0.0.0:7443 or [::1]:7443"));
        }
        else if (!hasTls && !allowPlaintext && !IPAddress.IsLoopback(address.Address))
        {
            errors.Add(ConfigurationErrors.Line(
                field, value, "others can reach it and it has no TLS: give --tls-cert and --tls-key, or --allow-plaintext"));
        }
    }

    private static void CheckAdvertised(string value, bool hasTls, List<string> errors)
    {
        if (value.Length == 0)
            return;
        var scheme = hasTls ? "https" : "http";
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/"
            || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            errors.Add(ConfigurationErrors.Line(
                "Listen:Advertise", value, $"it must be scheme, host and port, for example {scheme}://ha1.example.org:7443"));
        }
        else if (url.Scheme != scheme)
        {
            errors.Add(ConfigurationErrors.Line(
                "Listen:Advertise", value, $"gRPC is served {(hasTls ? "with" : "without")} TLS here, so it must begin with {scheme}://"));
        }
        else if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            errors.Add(ConfigurationErrors.Line(
                "Listen:Advertise", value, $"nobody can connect to that address: name one of this machine, for example {scheme}://{Environment.MachineName}:{url.Port}"));
        }
    }

    private static void CheckIdentity(IdentityOptions identity, List<string> errors)
    {
        if (identity.CertificateLife < TimeSpan.FromMinutes(10) || identity.CertificateLife > TimeSpan.FromDays(825))
            errors.Add(ConfigurationErrors.Line("Identity:CertificateLife", $"{identity.CertificateLife}", "it must be 00:10:00 to 825.00:00:00"));
        if (identity.Directory.Length == 0)
            return;
        CheckFolder("Identity:Directory", identity.Directory, errors);
        var files = new HaGrpc.ControlPlane.Identity.IdentityFiles(identity.Directory);
        if (!File.Exists(files.AuthorityCertificate))
        {
            errors.Add(ConfigurationErrors.Line(
                "Identity:Directory", identity.Directory, $"there is no ca.crt in it: ha-controlplane init --data-dir {identity.Directory}"));
        }
        else if (TlsFiles.Problem(() => files.Authority() ?? new object()) is { } problem)
        {
            errors.Add($"Identity:Directory is '{identity.Directory}': ca.crt and ca.key: {problem} Right are those that ha-controlplane init has made");
        }
    }

    private static void CheckTls(TlsOptions tls, List<string> errors)
    {
        if (tls.Certificate.Length == 0 && tls.Key.Length > 0)
            errors.Add("Tls:Certificate is empty: Tls:Key is given, so the certificate must be too (--tls-cert)");
        if (tls.Certificate.Length > 0 && tls.Key.Length == 0)
            errors.Add("Tls:Key is empty: Tls:Certificate is given, so its private key must be too (--tls-key)");
        if (tls.Certificate.Length == 0 && tls.ClientCa.Length > 0)
            errors.Add("Tls:Certificate is empty: Tls:ClientCa asks for client certificates, which need TLS (--tls-cert, --tls-key)");
        errors.AddRange(TlsFiles.Check(tls));
    }

    private static void CheckFolder(string field, string value, List<string> errors)
    {
        if (!Path.IsPathFullyQualified(value))
            errors.Add(ConfigurationErrors.Line(field, value, "it must be the absolute path of a folder"));
    }

    private static void CheckStorage(ControlPlaneOptions options, List<string> errors)
    {
        if (options.Storage.Postgres.Length == 0 && !Path.IsPathFullyQualified(options.Storage.Sqlite))
        {
            errors.Add(ConfigurationErrors.Line(
                "Storage:Sqlite", options.Storage.Sqlite, "it must be an absolute path, or Storage:Postgres must be given"));
        }
    }

    private static void CheckLog(LogOptions log, List<string> errors)
    {
        if (!Enum.TryParse<LogEventLevel>(log.Level, ignoreCase: true, out var level) || !Enum.IsDefined(level))
        {
            errors.Add(ConfigurationErrors.Line(
                "Log:Level", log.Level, "it must be Verbose, Debug, Information, Warning or Error"));
        }
        if (log.File.Length > 0 && Path.GetDirectoryName(Path.GetFullPath(log.File)) is { } folder && !Directory.Exists(folder))
            errors.Add(ConfigurationErrors.Line("Log:File", log.File, $"the folder {folder} must exist"));
    }
}
