using System.Text.Json.Serialization;
using HaGrpc.Ctl.Connection;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Contexts;

/// <summary>Everything in the file.</summary>
internal sealed record ContextList
{
    /// <summary>The one that counts when nobody says otherwise; null for none.</summary>
    public string? Current { get; init; }

    /// <summary>By name.</summary>
    [JsonPropertyName("contexts")]
    public IReadOnlyList<NamedContext> All { get; init; } = [];

    /// <summary>One of them.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    internal NamedContext Of(string name) => All.FirstOrDefault(c => c.Name == name) ?? throw new UsageException(All.Count == 0
        ? Speech.Of($"there is no context {name}, and no other one: hactl context add {name} --endpoint URL")
        : Speech.Of($"there is no context {name}; there are {string.Join(", ", All.Select(c => c.Name))}"));

    /// <summary>With one more, or with one changed.</summary>
    internal ContextList With(NamedContext context) => this with
    {
        All = [.. All.Where(c => c.Name != context.Name).Append(context).OrderBy(c => c.Name, StringComparer.Ordinal)],
    };
}

/// <summary>Control planes on one database, and how to come in.</summary>
internal sealed record NamedContext
{
    /// <summary>The operator's name for it.</summary>
    public required string Name { get; init; }

    /// <summary>URLs.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>CA of the control planes' certificates; null for the system's.</summary>
    public string? TlsCa { get; init; }

    /// <summary>Client certificate; null for none.</summary>
    public string? TlsCert { get; init; }

    /// <summary>Its key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>Token; null for none.</summary>
    public string? Token { get; init; }
}

/// <summary>The file's JSON, known at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContextList))]
internal sealed partial class ContextShapes : JsonSerializerContext;
