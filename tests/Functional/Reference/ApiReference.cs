using System.Text;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>docs/reference/api.md: every call of operators with its role, its path and what the protos say about it.</summary>
internal static class ApiReference
{
    private const string Head = """
        # API

        Written from the protos and the table of roles (`scripts/reference.sh`); messages and fields are in [openapi.json](openapi.json), which each control
        plane serves at `/openapi.json`, and in `proto/hagrpc/v1`. The calls of agents are not here: they are known by the certificates of their hosts.

        **gRPC** is where `--listen-grpc` says; server reflection is on. **JSON over HTTP** is the same calls (docs/adr/0036): with TLS on the same port, HTTP/1.1 or
        HTTP/2; without TLS by HTTP/2 with prior knowledge there, and by HTTP/1.1 where probes are (`--listen-http`), as long as that is loopback.

        - Who calls is known by a client certificate or by `Authorization: Bearer TOKEN`, over TLS or on the same machine.
        - A body is `application/json` and has at most 4 MiB; of calls by GET and DELETE fields are in the query, those of inner messages with a dot (`filter.group=web`),
          repeated ones several times. Fields are in lowerCamelCase, enums by their names, 64-bit integers as numbers, durations such as `1.5s`, bytes in base64.
        - A stream is one JSON object in a line, each sent when it is there. An error in its midst is a last line with the object of a refusal.
        - A refusal is `{"code": N, "message": "…", "details": []}` with the number of the gRPC status and the text that hactl shows. HTTP status: 400 for INVALID_ARGUMENT,
          FAILED_PRECONDITION and OUT_OF_RANGE, 401 UNAUTHENTICATED, 403 PERMISSION_DENIED, 404 NOT_FOUND, 409 ABORTED and ALREADY_EXISTS, 413 for a body that is too large, 415 for one
          that is not JSON, 429 RESOURCE_EXHAUSTED, 500, 503 UNAVAILABLE, 504 DEADLINE_EXCEEDED.
        - Who is refused because an act has to be confirmed finds in `details` what it would hit, and the `confirmation` that the header `hagrpc-confirmation` brings back with the
          same call; where a second operator has to approve, the request for that ([guard.md](guard.md)). Otherwise `details` is empty.
        - A control plane that does not lead answers changes with 503, and says in the headers `hagrpc-leader` and `hagrpc-leader-term` where to ask. It does not redirect:
          a token goes only where its owner sends it.
        - Calls from pages in browsers (`Origin`, `Sec-Fetch-Site`) are refused, and there is no CORS.

        ```
        curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" https://ha1.example.org:7443/v1/groups
        curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" --json '{"selectors": ["web:http"], "reason": "release"}' https://ha1.example.org:7443/v1/programs:restart
        curl --no-buffer 'http://127.0.0.1:7480/v1/events:watch?backlog=10'
        ```

        """;

    public static string Text(ProtoComments comments)
    {
        var text = new StringBuilder(Head);
        foreach (var service in OperatorApi.All.GroupBy(c => c.Method.Service))
        {
            text.Append('\n').Append("## ").Append(service.Key.Name).Append("\n\n");
            if (comments.Of(service.Key.FullName) is { Length: > 0 } said)
                text.Append(said).Append("\n\n");
            text.Append("| call | JSON | role | changes | |\n|---|---|---|---|---|\n");
            foreach (var call in service)
            {
                text.Append("| `").Append(call.Method.Name).Append("` | ")
                    .Append(call.Path.Length > 0 ? $"`{call.Verb} {call.Path}`" : "none").Append(call.Method.IsServerStreaming ? ", lines | " : " | ")
                    .Append(call.Role).Append(" | ").Append(call.Call.Changes ? "yes" : "no").Append(" | ")
                    .Append(comments.Of(call.Method.FullName).Replace("\n\n", " ", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)).Append(" |\n");
            }
        }
        return text.ToString();
    }
}
