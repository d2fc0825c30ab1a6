using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HaGrpc.Ctl.Output;

/// <summary>Writes results for machines. Field names are documented in docs/reference/hactl.md and stay.</summary>
internal static class Json
{
    /// <summary>One document, indented, or one line of a stream; as YAML where that is wanted, documents of a stream behind <c>---</c>.</summary>
    internal static void Write<T>(TextWriter output, T value, Func<JsonShapes, JsonTypeInfo<T>> shape, bool line = false)
    {
        if (output is not Page { IsYaml: true })
        {
            output.WriteLine(JsonSerializer.Serialize(value, shape(line ? JsonShapes.Lines : JsonShapes.Documents)));
            return;
        }
        if (line)
            output.WriteLine("---");
        YamlText.Write(output, JsonSerializer.SerializeToElement(value, shape(JsonShapes.Lines)));
    }
}

/// <summary>Everything that is written as JSON, known at compile time.</summary>
[JsonSerializable(typeof(ApplyJson))]
[JsonSerializable(typeof(DiffJson))]
[JsonSerializable(typeof(RevisionsJson))]
[JsonSerializable(typeof(RollbackJson))]
[JsonSerializable(typeof(DeleteJson))]
[JsonSerializable(typeof(ControlPlanesJson))]
[JsonSerializable(typeof(HostsJson))]
[JsonSerializable(typeof(GroupsJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(ActionJson))]
[JsonSerializable(typeof(SwitchoverJson))]
[JsonSerializable(typeof(EventJson))]
[JsonSerializable(typeof(DrainedJson))]
[JsonSerializable(typeof(FenceJson))]
[JsonSerializable(typeof(LockJson))]
[JsonSerializable(typeof(LocksJson))]
[JsonSerializable(typeof(UnlockedJson))]
[JsonSerializable(typeof(MovesJson))]
[JsonSerializable(typeof(RehearsalJson))]
[JsonSerializable(typeof(PreflightJson))]
[JsonSerializable(typeof(ObservationJson))]
[JsonSerializable(typeof(AdoptionJson))]
[JsonSerializable(typeof(WhyJson))]
[JsonSerializable(typeof(WhyProgramJson))]
[JsonSerializable(typeof(LogLineJson))]
[JsonSerializable(typeof(AuditEntryJson))]
[JsonSerializable(typeof(AuditJson))]
[JsonSerializable(typeof(AuditHeadJson))]
[JsonSerializable(typeof(AuditVerifiedJson))]
[JsonSerializable(typeof(OperatorJson))]
[JsonSerializable(typeof(OperatorsJson))]
[JsonSerializable(typeof(AddedOperatorJson))]
[JsonSerializable(typeof(CallerJson))]
[JsonSerializable(typeof(PolicyJson))]
[JsonSerializable(typeof(ApprovalsJson))]
[JsonSerializable(typeof(ApprovalJson))]
[JsonSerializable(typeof(TokensJson))]
[JsonSerializable(typeof(CreatedTokenJson))]
[JsonSerializable(typeof(CertificatesJson))]
[JsonSerializable(typeof(RevokedHostJson))]
[JsonSerializable(typeof(AllowedHostJson))]
[JsonSerializable(typeof(ContextsJson))]
[JsonSerializable(typeof(VersionJson))]
[JsonSerializable(typeof(UpdateJson))]
internal sealed partial class JsonShapes : JsonSerializerContext
{
    internal static JsonShapes Documents { get; } = new(Settings(indented: true));

    internal static JsonShapes Lines { get; } = new(Settings(indented: false));

    private static JsonSerializerOptions Settings(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = indented,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
