using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>The operators' calls by JSON as OpenAPI 3.1 describes them.</summary>
internal sealed class OpenApiDocument(ProtoComments comments)
{
    private const string Refusal = "Refusal";

    private readonly JsonSerializerOptions _format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    public string Text()
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var call in OperatorApi.All.Where(c => c.Path.Length > 0))
        {
            if (!paths.TryGetValue(call.Path, out var item))
                paths.Add(call.Path, item = []);
            item.Add(call.Verb.ToLowerInvariant(), Operation(call));
        }
        _schemas[Refusal] = Object(
            "Why nothing was done.",
            ("code", new() { ["type"] = "integer", ["format"] = "int32", ["description"] = "The number of the gRPC status." }),
            ("message", new() { ["type"] = "string", ["description"] = "For the operator." }),
            ("details", new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "object", ["description"] = "A PreviewResponse or an Approval, with its name in @type: what is demanded before the act." } }));
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "HaGrpc",
                ["version"] = "v1",
                ["description"] = "What operators can ask of a control plane, as JSON. Written from the protos: docs/reference/api.md says more.",
                ["license"] = new JsonObject { ["name"] = "Apache 2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["certificate"] = new JsonArray() }, new JsonObject { ["token"] = new JsonArray() }),
            ["tags"] = new JsonArray([
                .. OperatorApi.All.Select(c => c.Method.Service).Distinct()
                    .Select(service => new JsonObject { ["name"] = service.Name, ["description"] = comments.Of(service.FullName) }),
            ]),
            ["paths"] = new JsonObject(paths.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value))),
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["certificate"] = new JsonObject { ["type"] = "mutualTLS", ["description"] = "A client certificate that names an operator." },
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A token of hactl operator add --token; over TLS or on the same machine only." },
                },
                ["schemas"] = new JsonObject(_schemas.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Key, s.Value))),
            },
        };
        return document.ToJsonString(_format) + "\n";
    }

    private JsonObject Operation(OperatorApi call)
    {
        var operation = new JsonObject
        {
            ["operationId"] = $"{call.Method.Service.Name}_{call.Method.Name}",
            ["tags"] = new JsonArray(call.Method.Service.Name),
            ["summary"] = call.Method.Name,
            ["description"] = string.Join(' ', new[] { comments.Of(call.Method.FullName), $"Role: {call.Role}." }.Where(t => t.Length > 0)),
        };
        var isBody = call.Verb == "POST";
        var parameters = new JsonArray();
        foreach (var field in call.PathFields)
            parameters.Add(Parameter(field, "path", Schema(call.Method.InputType.FindFieldByName(field)), comments.Of($"{call.Method.InputType.FullName}.{field}")));
        if (!isBody)
        {
            foreach (var (name, schema, comment) in Query(call.Method.InputType, "", [.. call.PathFields]))
                parameters.Add(Parameter(name, "query", schema, comment));
        }
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (isBody)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content(Reference(call.Method.InputType)),
            };
        }
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = call.Method.IsServerStreaming ? "One object in a line, each as soon as it is there." : "What was asked for.",
                ["content"] = Content(Reference(call.Method.OutputType)),
            },
            ["default"] = new JsonObject { ["description"] = "Refused, with why.", ["content"] = Content(Local(Refusal)) },
        };
        return operation;
    }

    private static JsonObject Parameter(string name, string place, JsonObject schema, string comment)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = schema };
        if (place == "path")
            parameter["required"] = true;
        if (comment.Length > 0)
            parameter["description"] = comment;
        return parameter;
    }

    private IEnumerable<(string Name, JsonObject Schema, string Comment)> Query(MessageDescriptor message, string prefix, string[] taken)
    {
        foreach (var field in message.Fields.InDeclarationOrder().Where(f => !taken.Contains(f.Name)))
        {
            var comment = comments.Of($"{message.FullName}.{field.Name}");
            if (field.FieldType != FieldType.Message || field.MessageType.File.Package == "google.protobuf")
                yield return (prefix + field.JsonName, Schema(field), comment);
            else if (!field.IsRepeated)
            {
                foreach (var inner in Query(field.MessageType, $"{prefix}{field.JsonName}.", []))
                    yield return inner;
            }
        }
    }

    private JsonObject Schema(FieldDescriptor field)
    {
        if (field.IsMap)
            return new() { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2)) };
        return field.IsRepeated ? new() { ["type"] = "array", ["items"] = Single(field) } : Single(field);
    }

    private JsonObject Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => Of("string"),
        FieldType.Bool => Of("boolean"),
        FieldType.Bytes => new() { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Double or FieldType.Float => Of("number"),
        FieldType.Enum => Enum(field.EnumType),
        FieldType.Message => field.MessageType.FullName switch
        {
            "google.protobuf.Timestamp" => Of("string", "date-time"),
            "google.protobuf.Duration" => new() { ["type"] = "string", ["pattern"] = @"^-?[0-9]+(\.[0-9]{1,9})?s$", ["description"] = "Seconds, for example 1.5s." },
            _ => Reference(field.MessageType),
        },
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 or FieldType.UInt32 or FieldType.Fixed32 => Of("integer", "int32"),
        _ => Of("integer", "int64"),
    };

    private JsonObject Enum(EnumDescriptor type)
    {
        if (!_schemas.ContainsKey(type.Name))
        {
            var values = type.Values.Select(v => (v.Name, Comment: comments.Of($"{type.FullName}.{v.Name}"))).ToArray();
            var schema = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v.Name)]) };
            var said = string.Join('\n', values.Where(v => v.Comment.Length > 0).Select(v => $"{v.Name}: {v.Comment}").Prepend(comments.Of(type.FullName)).Where(t => t.Length > 0));
            if (said.Length > 0)
                schema["description"] = said;
            _schemas.Add(type.Name, schema);
        }
        return Local(type.Name);
    }

    private JsonObject Reference(MessageDescriptor message)
    {
        if (_schemas.ContainsKey(message.Name))
            return Local(message.Name);
        _schemas.Add(message.Name, []); // A message may hold itself.
        _schemas[message.Name] = Object(comments.Of(message.FullName), [
            .. message.Fields.InDeclarationOrder().Select(field =>
            {
                var schema = Schema(field);
                if (comments.Of($"{message.FullName}.{field.Name}") is { Length: > 0 } comment)
                    schema["description"] = comment;
                return (field.JsonName, schema);
            }),
        ]);
        return Local(message.Name);
    }

    private static JsonObject Object(string description, params (string Name, JsonObject Schema)[] properties)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (description.Length > 0)
            schema["description"] = description;
        if (properties.Length > 0)
            schema["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.Schema)));
        return schema;
    }

    private static JsonObject Of(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null)
            schema["format"] = format;
        return schema;
    }

    private static JsonObject Local(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject Content(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };
}
