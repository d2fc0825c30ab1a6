using System.Text.Json;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>What docs/reference says is what the source says.</summary>
public sealed class ReferenceTests
{
    private static ProtoComments Comments => new(Path.Combine(ReferenceFile.Root(), "proto/hagrpc/v1"));

    [Fact]
    public void The_description_of_the_API_is_current() => ReferenceFile.ShouldBe("docs/reference/openapi.json", new OpenApiDocument(Comments).Text());

    [Fact]
    public void The_reference_of_the_API_is_current() => ReferenceFile.ShouldBe("docs/reference/api.md", ApiReference.Text(Comments));

    [Fact]
    public void The_reference_of_the_configuration_is_current() => ReferenceFile.ShouldBe("docs/reference/configuration.md", ConfigurationReference.Text());

    [Fact]
    public void The_reference_of_the_events_is_current() => ReferenceFile.ShouldBe("docs/reference/events.md", EventReference.Text());

    [Fact]
    public void Everything_that_the_description_refers_to_is_in_it()
    {
        var document = JsonDocument.Parse(new OpenApiDocument(Comments).Text()).RootElement;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var count = 0;
        Look(document);
        count.ShouldBeGreaterThan(100);

        void Look(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Look(item);
            }
            if (element.ValueKind != JsonValueKind.Object)
                return;
            foreach (var property in element.EnumerateObject())
            {
                if (property.NameEquals("$ref"))
                {
                    count++;
                    schemas.TryGetProperty(property.Value.GetString()!["#/components/schemas/".Length..], out _).ShouldBeTrue(property.Value.GetString());
                }
                Look(property.Value);
            }
        }
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_and_every_field_in_a_path_its_parameter()
    {
        var paths = JsonDocument.Parse(new OpenApiDocument(Comments).Text()).RootElement.GetProperty("paths");
        var names = new HashSet<string>();
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                names.Add(operation.Value.GetProperty("operationId").GetString()!).ShouldBeTrue(path.Name);
                var parameters = operation.Value.TryGetProperty("parameters", out var given)
                    ? given.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).ToArray()
                    : [];
                parameters.ShouldBe(path.Name.Split('{').Skip(1).Select(p => p.Split('}')[0]), path.Name);
            }
        }
        names.Count.ShouldBe(HaGrpc.ControlPlane.Audit.OperatorCalls.Names.Count());
    }
}
