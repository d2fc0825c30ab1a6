using Google.Protobuf.Reflection;
using HaGrpc.Ctl.Manifests;
using HaGrpc.Ctl.Manifests.Exporting;
using HaGrpc.Ctl.Manifests.Fields;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Manifests;

/// <summary>No field of the messages may be forgotten by those who write manifests.</summary>
public sealed class ManifestFieldTests
{
    /// <summary>Fields of messages that a manifest calls otherwise. An empty name: no manifest says it.</summary>
    private static readonly Dictionary<string, string[]> Otherwise = new(StringComparer.Ordinal)
    {
        ["Program.group"] = ["group of program_at_top"],
        ["Program.desired_state"] = ["desired"],
        ["Program.restart_generation"] = [],
        ["Program.template"] = [],
        // What a hand-over has written.
        ["Program.handed"] = [],
        ["Group.handed_to"] = [],
        ["HandedProcess.host"] = [],
        ["HandedProcess.boot_id"] = [],
        ["HandedProcess.pid"] = [],
        ["HandedProcess.start_time"] = [],
        ["Check.kind"] = ["http", "tcp", "exec", "grpc", "notify"],
        ["Check.target"] = ["http", "tcp", "exec", "grpc"],
        ["Limits.cpu_millis"] = ["cpu"],
        ["FailbackWindow.from_minute"] = ["from"],
        ["FailbackWindow.to_minute"] = ["to"],
    };

    /// <summary>The sections of messages that are not called as their message is.</summary>
    private static readonly Dictionary<string, string[]> Sections = new(StringComparer.Ordinal)
    {
        ["Check"] = ["readiness", "liveness"],
        ["FailbackWindow"] = ["window"],
        ["FenceDevice"] = ["fence"],
        ["ResourceLimit"] = ["limit"],
        ["ProcessMatch"] = ["adopt"],
    };

    [Fact]
    public void Every_field_of_the_messages_has_its_field_in_a_manifest()
    {
        var sections = SchemaTests.Sections();
        var missing = new List<string>();
        foreach (var message in Messages())
        {
            foreach (var section in Sections.GetValueOrDefault(message.Name, [FieldValue.Snake(message.Name)]))
            {
                foreach (var field in message.Fields.InDeclarationOrder())
                {
                    foreach (var name in Otherwise.GetValueOrDefault($"{message.Name}.{field.Name}", [field.Name]))
                    {
                        var (wanted, home) = name.Split(" of ") is [var first, var last] ? (first, last) : (name, section);
                        if (!sections.TryGetValue(home, out var known) || known.Fields.All(f => f.Name != wanted))
                            missing.Add($"{message.Name}.{field.Name}: {home} has no {wanted}");
                    }
                }
            }
        }
        missing.ShouldBeEmpty();
    }

    [Fact]
    public void The_whole_manifest_of_the_tests_leaves_no_field_at_its_default()
    {
        // An export leaves out what is the default: what stands in it is none.
        var registry = ExportTests.Registered(ExportTests.Whole);
        using var text = new StringReader(RegistryManifest.Of(registry, ExportSelection.Of([], registry)).Text);
        var written = new HashSet<string>(StringComparer.Ordinal);
        var document = (YamlMap)YamlDocuments.Read(text).Single();
        Collect(FieldShape.Maps(HostFields.Section), document.Entries.Single(e => e.Key == "hosts").Value, written);
        Collect(FieldShape.Maps(GroupFields.Section), document.Entries.Single(e => e.Key == "groups").Value, written);
        var all = SchemaTests.Sections().Where(s => s.Key != "program_at_top")
            .SelectMany(s => s.Value.Fields.Select(f => $"{s.Key}.{f.Name}"));
        all.Except(written).ShouldBe(
        [
            "liveness.notify", // Readiness only.
            "program.desired", // Whatever an operator has asked for stays.
            "limit.soft", "limit.hard", // Written as soft:hard.
        ], ignoreOrder: true);
    }

    private static void Collect(FieldShape shape, YamlNode node, HashSet<string> written)
    {
        switch (shape, node)
        {
            case (AnyShape any, _):
                foreach (var one in any.Shapes)
                    Collect(one, node, written);
                break;
            case (ListShape list, YamlList items):
                foreach (var item in items.Items)
                    Collect(list.Item, item, written);
                break;
            case (MapShape map, YamlMap fields):
                foreach (var entry in fields.Entries)
                {
                    _ = written.Add($"{map.Section.Name}.{entry.Key}");
                    Collect(map.Section.Fields.Single(f => f.Name == entry.Key).Shape, entry.Value, written);
                }
                break;
        }
    }

    /// <summary>Every message of which a registered object is made.</summary>
    private static HashSet<MessageDescriptor> Messages()
    {
        var found = new HashSet<MessageDescriptor>();
        var open = new Queue<MessageDescriptor>([Host.Descriptor, Group.Descriptor, Program.Descriptor]);
        while (open.TryDequeue(out var message))
        {
            if (message.File.Package != "hagrpc.v1" || (!message.IsMapEntry && !found.Add(message)))
                continue;
            foreach (var field in message.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
                open.Enqueue(field.MessageType);
        }
        return found;
    }
}
