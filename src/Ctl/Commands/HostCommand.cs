using System.CommandLine;
using HaGrpc.Core.Access;
using HaGrpc.Ctl.Guard;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Commands;

/// <summary><c>hactl host</c>: who may speak for hosts.</summary>
internal static class HostCommand
{
    internal static Command Create(CommandRunner runner) => new("host", "Say who may speak for hosts.")
    {
        CreateRevoke(runner), CreateAllow(runner), CreateCertificates(runner),
    };

    private static Command CreateRevoke(CommandRunner runner)
    {
        var (host, reason) = (Host(), Reason());
        var command = new Command("revoke", "Let nobody speak for a host any more: its agent is cut off, and its groups go to others.") { host, reason };
        var guard = new GuardOptions();
        guard.AddTo(command);
        runner.Attach(command, async call =>
        {
            var request = new RevokeHostRequest { Host = call.Parsed.GetValue(host)!, Reason = call.Reason(call.Parsed.GetValue(reason), "host revoke") };
            var revoked = await GuardedCall.RunAsync(
                call, guard.Of(call.Parsed), new() { RevokeHost = request }, () => call.Short,
                async options => await call.ControlPlane.Identity.RevokeHostAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
            if (call.Json)
            {
                var json = new RevokedHostJson(request.Host, [.. revoked.Certificates.Select(CertificateJson.Of)], revoked.VoidTokens);
                Json.Write(call.Out, json, shapes => shapes.RevokedHostJson);
                return ExitCode.Done;
            }
            call.Out.Tell($"{request.Host}: revoked");
            foreach (var certificate in revoked.Certificates)
                call.Out.Tell($"  certificate {certificate.Serial} is void");
            if (revoked.VoidTokens > 0)
                call.Out.WriteLine(revoked.VoidTokens == 1 ? Speech.Of("  1 unused token is void") : Speech.Of($"  {revoked.VoidTokens} unused tokens are void"));
            call.Out.Tell($"It comes back with a new certificate: hactl token create --host {request.Host}, then ha-agent join --force there");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateAllow(CommandRunner runner)
    {
        var (host, reason) = (Host(), Reason());
        var command = new Command("allow", "Let a revoked host come back, with a certificate that was not revoked.") { host, reason };
        runner.Attach(command, async call =>
        {
            var request = new AllowHostRequest { Host = call.Parsed.GetValue(host)!, Reason = call.Reason(call.Parsed.GetValue(reason), "host allow") };
            var was = (await call.ControlPlane.Identity.AllowHostAsync(request, call.Short).ConfigureAwait(false)).WasRevoked;
            if (call.Json)
                Json.Write(call.Out, new AllowedHostJson(request.Host, was), shapes => shapes.AllowedHostJson);
            else
                call.Out.WriteLine(was ? Speech.Of($"{request.Host}: allowed; certificates that were revoked stay void") : Speech.Of($"{request.Host}: was not revoked"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateCertificates(CommandRunner runner)
    {
        var host = new Argument<string?>("NAME") { Description = "only this host's", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("certificates", "Show the certificates that hosts were given, and those that are void.") { host };
        runner.Attach(command, async call =>
        {
            var answer = await call.ControlPlane.Identity.ListHostCertificatesAsync(
                new() { Host = call.Parsed.GetValue(host) ?? "" }, call.Short).ConfigureAwait(false);
            if (call.Json)
            {
                Json.Write(
                    call.Out, new CertificatesJson([.. answer.Certificates.Select(CertificateJson.Of)], [.. answer.RevokedHosts]), shapes => shapes.CertificatesJson);
                return ExitCode.Done;
            }
            var table = new Table("HOST", "SERIAL", "UNTIL", "BY", "STATE");
            foreach (var certificate in answer.Certificates)
            {
                var reason = certificate.RevokedReason.Length > 0 ? $": {certificate.RevokedReason}" : "";
                var state = certificate.RevokedAt is { } at ? Speech.Of($"revoked {Times.Full(at, call.Surroundings.Time)[..19]} by {ActorName.Shown(certificate.RevokedBy)}{reason}") : "";
                table.Add(certificate.Host, certificate.Serial, Times.Full(certificate.NotAfter, call.Surroundings.Time)[..19], certificate.Origin, state);
            }
            table.Print(call.Out);
            foreach (var revoked in answer.RevokedHosts)
                call.Out.Tell($"{revoked} is revoked: nobody may speak for it");
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string> Host() => new("NAME") { Description = "the host" };

    private static Option<string?> Reason() => new("--reason") { Description = "kept in the history", HelpName = "TEXT" };
}
