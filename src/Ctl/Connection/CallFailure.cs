using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Connection;

/// <summary>A failed call in an operator's words.</summary>
/// <param name="Unreachable">True when no control plane answered; false when one refused.</param>
/// <param name="BadInput">True when the control plane calls the request itself wrong.</param>
/// <param name="Message">What happened and what to check.</param>
internal sealed record CallFailure(bool Unreachable, bool BadInput, string Message)
{
    /// <summary>Explains what gRPC reports about a call to <paramref name="endpoint"/>.</summary>
    internal static CallFailure Explain(RpcException failure, Endpoint endpoint)
    {
        var detail = failure.Status.Detail.Length > 0 ? failure.Status.Detail : Speech.Of("no reason given");
        var url = endpoint.Url;
        return failure.StatusCode switch
        {
            // An exception below means that it was found on this side: nobody answered.
            _ when failure.Status.DebugException is { } cause => new(true, false, Connecting(cause, endpoint)),
            StatusCode.Unavailable when failure.Trailers.GetValue(LeaderFinder.SearchKey) is not null => new(true, false, detail),
            StatusCode.Unavailable => new(true, false, Speech.Of($"the control plane at {url} cannot do it now: {detail}")),
            StatusCode.DeadlineExceeded => new(true, false,
                Speech.Of($"the control plane at {url} did not answer in time; its /readyz says what it waits for")),
            StatusCode.Unauthenticated => new(false, false,
                Speech.Of($"{url} does not know you: {detail}; come in with a client certificate (--tls-cert, --tls-key) or a token (hactl login)")),
            StatusCode.PermissionDenied => new(false, false, Speech.Of($"not allowed: {detail}")),
            StatusCode.InvalidArgument => new(false, true, detail),
            StatusCode.Unimplemented => new(false, false,
                Speech.Of($"{url} does not know this call: it is an older control plane, or no control plane at all ({detail})")),
            StatusCode.FailedPrecondition or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.Aborted =>
                new(false, false, Speech.Of($"refused: {detail}")),
            _ => new(false, false, Speech.Of($"the control plane at {url} failed ({failure.StatusCode}): {detail}")),
        };
    }

    /// <summary>The reason, when trying again may help whoever follows something; null when it cannot.</summary>
    internal static string? Passing(RpcException failure, Endpoint endpoint)
    {
        var (unreachable, _, message) = Explain(failure, endpoint);
        return unreachable || failure.StatusCode is StatusCode.ResourceExhausted or StatusCode.Internal or StatusCode.Cancelled
            ? message
            : null;
    }

    private static string Connecting(Exception cause, Endpoint endpoint)
    {
        var url = endpoint.Url;
        var host = new Uri(url).Host;
        foreach (var inner in Chain(cause))
        {
            switch (inner)
            {
                case RefusedCertificateException { IsForTime: true } late:
                    return Speech.Of($"cannot connect to {url}: {late.Message}");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return Speech.Of($"cannot connect to {url}: connection refused. Is ha-controlplane running there, and does it " +
                        $"listen on that address (Listen:Grpc)? Another one is chosen with --endpoint or HACTL_ENDPOINT");
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return Speech.Of($"cannot connect to {url}: the name {host} cannot be resolved. Check --endpoint or HACTL_ENDPOINT");
                // It was answered, and cut: which of the two sides notices that first is a matter of microseconds.
                case SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown }:
                    return Broken(cause, endpoint);
                case SocketException socket:
                    return Speech.Of($"cannot connect to {url}: {socket.Message}. Check the address, routes and firewalls on the way");
                // What answers in plain text: there is no certificate that could be wrong.
                case AuthenticationException { Message: var text } when text.Contains("frame", StringComparison.Ordinal):
                    return Speech.Of($"cannot connect to {url}: what answers there does not speak TLS. Write http:// if ha-controlplane was started without certificates");
                case AuthenticationException tls:
                    return Speech.Of($"cannot connect to {url}: its certificate was refused: {tls.Message.TrimEnd('.')}. Give the CA that signed it " +
                        $"with --tls-ca, and a name that the certificate carries instead of {host}");
            }
        }
        return Broken(cause, endpoint);
    }

    private static string Broken(Exception cause, Endpoint endpoint)
    {
        var kind = Chain(cause).OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError;
        // What the runtime says of a handshake that was cut is about itself, and not one line.
        var reason = Chain(cause).Last() is ObjectDisposedException ? Speech.Of("it was cut in the midst of the handshake.") : $"{Chain(cause).Last().Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
        var tls = endpoint.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        if (cause is OperationCanceledException or TimeoutException || reason.Contains("timeout", StringComparison.Ordinal))
            return Speech.Of($"cannot connect to {endpoint.Url}: no answer in time. Check the address, routes and firewalls on the way");
        if (reason.Contains("HTTP_1_1_REQUIRED", StringComparison.Ordinal))
        {
            return Speech.Of($"cannot talk to {endpoint.Url}: only HTTP/1.1 is spoken there. Is it the port of /healthz and /readyz " +
                $"(Listen:Http)? hactl needs the one of gRPC (Listen:Grpc)");
        }
        if (reason.Contains("KeepAlivePingDelay", StringComparison.Ordinal))
            return Speech.Of($"{endpoint.Url} takes connections and does not answer: ha-controlplane hangs, or something else listens there. If it speaks TLS, write https://");
        if (!tls)
            return Speech.Of($"cannot talk to {endpoint.Url}: {reason} Does it speak TLS? Then write https:// and give --tls-ca");
        if (OwnCertificateProblem(endpoint) is { } own)
            return Speech.Of($"{endpoint.Url} refuses you: {own}");
        return kind == HttpRequestError.SecureConnectionError && endpoint.Certificate is not null
            ? Speech.Of($"cannot connect to {endpoint.Url}: {reason} Does it speak TLS at all? If not, write http://")
            : endpoint.Certificate is null
            ? Speech.Of($"{endpoint.Url} ended the connection: {reason} It probably asks for a client certificate: give --tls-cert and --tls-key")
            : Speech.Of($"{endpoint.Url} ended the connection: {reason} It probably refused the client certificate; its log has the reason");
    }

    private static string? OwnCertificateProblem(Endpoint endpoint) => CertificateTimes.Problem(endpoint, TimeProvider.System.GetUtcNow());

    private static IEnumerable<Exception> Chain(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            yield return error;
    }
}
