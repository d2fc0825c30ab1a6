using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using HaGrpc.Core.Model;
using HostSpec = HaGrpc.Core.Model.Host;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>The model as JSON documents, as they lie in the database.</summary>
internal static class StoredJson
{
    private static readonly StoredJsonContext Context = new(new JsonSerializerOptions(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
    });

    // What a document written by an older binary lacks takes the model's default, not null or 0.
    private static readonly string ProgramDefaults = JsonSerializer.Serialize(
        new ProgramSpec { Name = new("", ""), Command = "" }, Context.Program);

    private static readonly string GroupDefaults = JsonSerializer.Serialize(
        new Group("", [], [], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero)), Context.Group);

    /// <summary>A host's document.</summary>
    public static JsonText Host(HostSpec host) => Write(host, Context.Host);

    /// <summary>The host of a document.</summary>
    public static HostSpec Host(string json) => Read(json, Context.Host) is var host && host.Fence is { } fence
        ? host with { Fence = fence with { Options = fence.Options.WithComparers(StringComparer.Ordinal) } }
        : host;

    /// <summary>A group's document.</summary>
    public static JsonText Group(Group group) => Write(group, Context.Group);

    /// <summary>The group of a document.</summary>
    public static Group Group(string json) =>
        Complete(json, GroupDefaults).Deserialize(Context.Group) ?? throw new JsonException("null is no group");

    /// <summary>A program's document. What an operator changes day by day has its own columns and is neutral here.</summary>
    public static JsonText Program(ProgramSpec program) =>
        Write(program with { DesiredState = DesiredState.Running, RestartGeneration = 0 }, Context.Program);

    /// <summary>The program of a document and of the columns beside it.</summary>
    public static ProgramSpec Program(string json, string desiredState, long restartGeneration)
    {
        var program = Complete(json, ProgramDefaults).Deserialize(Context.Program) ?? throw new JsonException("null is no program");
        return program with
        {
            Environment = program.Environment.WithComparers(StringComparer.Ordinal),
            DesiredState = Enum.Parse<DesiredState>(desiredState),
            RestartGeneration = restartGeneration,
        };
    }

    /// <summary>Hosts' names.</summary>
    public static JsonText Names(ImmutableArray<string> names) => Write(names, Context.ImmutableArrayString);

    /// <summary>The hosts' names of a document.</summary>
    public static ImmutableArray<string> Names(string json) => Read(json, Context.ImmutableArrayString);

    /// <summary>Steps of a promotion or release.</summary>
    public static JsonText Steps(ImmutableArray<Step> steps) => Write(steps, Context.ImmutableArrayStep);

    /// <summary>The steps of a document.</summary>
    public static ImmutableArray<Step> Steps(string json) => Read(json, Context.ImmutableArrayStep);

    private static JsonObject Complete(string json, string defaults)
    {
        var complete = JsonNode.Parse(defaults)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject())
            complete[name] = value?.DeepClone();
        return complete;
    }

    private static JsonText Write<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.Serialize(value, type));

    private static T Read<T>(string json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"null is no {typeof(T).Name}");
}

/// <summary>Serialization code generated at build time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(HostSpec))]
[JsonSerializable(typeof(Group))]
[JsonSerializable(typeof(ProgramSpec))]
[JsonSerializable(typeof(ImmutableArray<string>))]
[JsonSerializable(typeof(ImmutableArray<Step>))]
internal sealed partial class StoredJsonContext : JsonSerializerContext;
