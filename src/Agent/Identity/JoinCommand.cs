using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Agent.Identity;

/// <summary><c>ha-agent join</c>: a token becomes a certificate.</summary>
/// <param name="output">For what was done.</param>
/// <param name="error">For what is wrong.</param>
/// <param name="time">The wall clock.</param>
internal sealed class JoinCommand(TextWriter output, TextWriter error, TimeProvider time)
{
    private const int Done = 0, Failed = 1, BadInput = 2;

    /// <summary>Runs it.</summary>
    /// <param name="arguments">What stands behind <c>join</c>.</param>
    /// <param name="input">Standard input.</param>
    /// <returns>The exit code: 1 when it was refused or failed, 2 for bad arguments.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, TextReader input)
    {
        if (arguments.Any(a => a is "--help" or "-h"))
        {
            output.WriteLine(JoinOptions.Help);
            return Done;
        }
        var errors = new List<string>();
        if (JoinOptions.Read(arguments, input, errors) is not { } options)
        {
            foreach (var line in errors)
                Say(line);
            return BadInput;
        }
        try
        {
            return await JoinAsync(options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException)
        {
            Say(e.Message);
            return Failed;
        }
    }

    private async Task<int> JoinAsync(JoinOptions options)
    {
        var files = new IdentityFiles(options.StateDirectory);
        if (files.Exist && !options.Force)
        {
            Say($"this host has a certificate already: {files.Certificate}{(files.Host() is { } known ? $", of host '{known}'" : "")}; --force replaces it. The token was not used");
            return Failed;
        }
        files.Prepare();
        using var pair = new KeyPair();
        var request = new EnrollRequest
        {
            Host = options.Host,
            Token = options.Token.Text,
            SigningRequest = ByteString.CopyFrom(pair.SigningRequest()),
            WallClock = time.GetUtcNow().ToTimestamp(),
        };
        foreach (var endpoint in options.Endpoints)
        {
            if (await AskAsync(endpoint, request, options) is not { } answer)
                continue;
            if (pair.Objection(answer.Certificate, options.Host) is { } objection)
                throw new InvalidDataException($"{endpoint}: {objection}");
            files.Store(pair.Key, answer.Certificate, answer.Authority);
            using var own = X509Certificate2.CreateFromPem(answer.Certificate);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{options.Host} has joined: {files.Certificate}, valid until {own.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC and renewed before"));
            output.WriteLine($"Next: ha-agent --control-plane {string.Join(",", options.Endpoints.Select(e => e.GetLeftPart(UriPartial.Authority)))} --state-dir {options.StateDirectory}");
            return Done;
        }
        return Failed;
    }

    /// <summary>Asks one control plane; null when it was no use, and another one may be.</summary>
    private async Task<EnrollResponse?> AskAsync(Uri endpoint, EnrollRequest request, JoinOptions options)
    {
        var connection = new PinnedConnection(endpoint, time);
        try
        {
            using var authority = await connection.AuthorityAsync(options.Token.AuthorityHash);
            var answer = await connection.EnrollAsync(request, authority);
            using var told = X509Certificate2.CreateFromPem(answer.Authority);
            return Core.Identity.CertificateNames.FingerprintOf(told) == options.Token.AuthorityHash
                ? answer
                : throw new InvalidDataException($"{endpoint}: it names another authority than the token");
        }
        catch (RpcException e)
        {
            var leader = e.Trailers.GetValue("hagrpc-leader") is { } url ? $" (the leader is at {url})" : "";
            Say($"{endpoint}: {Reason(e)}{leader}");
            return null;
        }
    }

    private static string Reason(RpcException e)
    {
        Exception? cause = e.Status.DebugException;
        while (cause?.InnerException is { } inner)
            cause = inner;
        return cause is null
            ? e.StatusCode == StatusCode.Unimplemented ? "it is an older control plane, or none at all" : e.Status.Detail
            : $"out of reach: {cause.Message}";
    }

    private void Say(string line) => error.WriteLine($"ha-agent join: {line}");
}
