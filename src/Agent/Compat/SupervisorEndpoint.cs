using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using HaGrpc.Agent.Compat.Wire;
using HaGrpc.Core.Compat;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>Supervisor's HTTP: XML-RPC below <c>/RPC2</c>, logs to follow below <c>/logtail</c> and <c>/mainlogtail</c>.</summary>
/// <param name="methods">Answers calls.</param>
/// <param name="programs">The programs.</param>
/// <param name="logs">Their log files.</param>
/// <param name="login">What a caller over TCP has to know, as <c>USER:PASSWORD</c>; the Unix socket is guarded by its file mode.</param>
/// <param name="time">Paces followers.</param>
/// <param name="logger">The log.</param>
internal sealed class SupervisorEndpoint(
    MethodTable methods, HostPrograms programs, LogFiles logs, string login, TimeProvider time, ILogger logger)
{
    private const int MostFollowers = 32;
    private int _followers;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.Connection.LocalIpAddress is not null && !IsKnown(request.Headers.Authorization.ToString()))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"default\"";
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (request.Path.StartsWithSegments("/RPC2"))
        {
            await CallAsync(context);
        }
        else if (request.Path.StartsWithSegments("/logtail", out var rest) || request.Path.StartsWithSegments("/mainlogtail", out rest))
        {
            await FollowAsync(context, request.Path.StartsWithSegments("/mainlogtail"), rest.Value?.TrimStart('/') ?? "");
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private bool IsKnown(string authorization)
    {
        // The scheme's case does not count (RFC 9110, 11.1).
        var said = AuthenticationHeaderValue.TryParse(authorization, out var header)
            && string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase)
            ? header.Parameter ?? ""
            : "";
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(login))));
        return login.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(said)), expected);
    }

    private async Task CallAsync(HttpContext context)
    {
        // A page in a browser may send any other type to loopback without asking first.
        if (!HttpMethods.IsPost(context.Request.Method)
            || context.Request.ContentType?.StartsWith("text/xml", StringComparison.OrdinalIgnoreCase) != true)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        string method;
        object[] parameters;
        try
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            (method, parameters) = XmlRpcReader.Read(body.ToArray());
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var answer = await AnswerAsync(method, parameters, SupervisorClient.UserOf(context), context.RequestAborted);
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }
        context.Response.ContentType = "text/xml";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<byte[]?> AnswerAsync(string method, object[] parameters, string by, CancellationToken ct)
    {
        try
        {
            return XmlRpcWriter.Answer(await methods.CallAsync(method, parameters, by, ct));
        }
        catch (FaultException e)
        {
            return XmlRpcWriter.Fault(e.Fault);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return null; // Nobody listens any more.
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            CompatLog.CallFailed(logger, method, e);
            return null;
        }
    }

    private async Task FollowAsync(HttpContext context, bool main, string what)
    {
        string path;
        try
        {
            if (!HttpMethods.IsGet(context.Request.Method))
                throw new FaultException(FaultCode.BadArguments);
            var slash = what.IndexOf('/', StringComparison.Ordinal);
            var (name, channel) = slash < 0 ? (what, "stdout") : (what[..slash], what[(slash + 1)..]);
            if (!main && channel is not ("stdout" or "stderr"))
                throw new FaultException(FaultCode.NoFile);
            path = main ? logs.AgentLog : logs.PathOf((await programs.OneAsync(name)).Program, channel == "stderr");
        }
        catch (FaultException e)
        {
            context.Response.StatusCode = e.Fault.Code == FaultCode.BadArguments ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
            return;
        }
        try
        {
            if (Interlocked.Increment(ref _followers) > MostFollowers)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }
            context.Response.ContentType = "text/plain;charset=utf-8";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await context.Response.StartAsync(context.RequestAborted);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await new LogFollower(path, time).CopyAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _followers);
        }
    }
}
