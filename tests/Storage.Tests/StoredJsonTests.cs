using System.Collections.Immutable;
using System.Reflection;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using ProgramSpec = HaGrpc.Core.Model.Program;

namespace HaGrpc.Storage.Tests;

public sealed class StoredJsonTests
{
    [Fact]
    public void The_full_samples_leave_no_field_at_its_default()
    {
        // So that a field added to the model must be added to the round trip as well.
        var plain = Samples.Program("", "");
        var full = Samples.FullProgram("g", "p");
        foreach (var property in typeof(ProgramSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            Content.Of(property.GetValue(full)).ShouldNotBe(Content.Of(property.GetValue(plain)), property.Name);
        var group = Samples.FullGroup("g");
        object[] parts = [group, group.Members[0], group.Vips[0], group.Routes[0], group.Timing, group.Failback, group.Failback.Window!, group.FlapBudget!,
            group.Hooks[0], group.Checks[0], group.Directories[0]];
        foreach (var part in parts)
        {
            foreach (var property in part.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                Content.Of(property.GetValue(part)).ShouldNotBeOneOf("\"\"", "0", "false", "[]", "null", "\"00:00:00\"");
        }
    }

    [Fact]
    public void What_an_older_document_lacks_takes_the_models_default()
    {
        var program = StoredJson.Program("""{"name":{"group":"g","name":"p"},"command":"x"}""", "Stopped", 3);

        program.ShouldHaveTheContentOf(new ProgramSpec
        {
            Name = new("g", "p"),
            Command = "x",
            DesiredState = DesiredState.Stopped,
            RestartGeneration = 3,
        });
    }

    [Fact]
    public void A_group_that_was_stored_by_an_older_binary_takes_the_models_default()
    {
        var group = StoredJson.Group("""
            {"name":"g","members":[],"vips":[{"address":"192.0.2.10/32","interface":"eth0","label":""}],"routes":[],
             "timing":{"ttl":"00:00:01","heartbeat":"00:00:00.2","takeoverMargin":"00:00:00.1","soloTtl":"00:10:00"},
             "failback":{"mode":"Manual","delay":"00:00:00"},"locked":false}
            """);

        group.AnnounceInterval.ShouldBe(Group.DefaultAnnounceInterval);
        group.DropConnections.ShouldBeFalse();
        group.Vips.ShouldBe([new("192.0.2.10/32", "eth0")]);
        group.DuplicateProbeInterval.ShouldBe(Group.DefaultDuplicateProbeInterval);
        group.Hooks.ShouldBeEmpty();
        group.Checks.ShouldBeEmpty();
        group.Directories.ShouldBeEmpty();
        group.FlapBudget.ShouldBeNull();
        group.Fencing.ShouldBe(Fencing.Off);
        group.SyncGroup.ShouldBeEmpty();
        group.Failback.Window.ShouldBeNull();
    }

    [Fact]
    public void What_a_newer_document_adds_is_no_error()
    {
        StoredJson.Host("""{"name":"a","description":"d","colour":"red"}""").ShouldBe(new("a", "d"));
    }

    [Fact]
    public void A_fence_device_comes_back_as_it_was_stored()
    {
        var options = new Dictionary<string, string> { ["ip"] = "10.0.0.9", ["_b"] = "2", ["a1"] = "1" };
        var host = new Host("a", "d")
        {
            Fence = new("fence_ipmilan", FenceAction.Reboot, TimeSpan.FromSeconds(90), options.ToImmutableSortedDictionary(StringComparer.Ordinal)),
        };
        var stored = StoredJson.Host(host);
        stored.Value.ShouldContain("\"action\":\"Reboot\"");

        var read = StoredJson.Host(stored.Value);

        read.ShouldBe(host);
        StoredJson.Host(read).ShouldBe(stored, "what has not changed is stored as no change");
    }

    [Fact]
    public void Enums_and_durations_are_readable_in_the_database()
    {
        StoredJson.Group(Samples.FullGroup("g")).Value.ShouldContain("\"mode\":\"Automatic\",\"delay\":\"00:05:00\"");
    }
}
