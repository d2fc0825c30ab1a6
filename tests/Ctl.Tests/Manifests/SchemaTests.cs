using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using HaGrpc.Ctl.Manifests.Fields;
using HaGrpc.Ctl.Manifests.Schema;

namespace HaGrpc.Ctl.Tests.Manifests;

/// <summary>What is written, what editors know, and what is read are the same fields.</summary>
public sealed partial class SchemaTests
{
    [Fact]
    public void The_published_schema_is_the_one_of_this_source() => File.ReadAllText(Published()).ShouldBe(
        ManifestSchema.Text(), "write it anew: hactl schema > docs/reference/manifest.schema.json");

    [Theory]
    [InlineData("hosts: [{zzzzzzzz: 1}]", "host")]
    [InlineData("hosts: [{fence: {zzzzzzzz: 1}}]", "fence")]
    [InlineData("groups: [{zzzzzzzz: 1}]", "group")]
    [InlineData("groups: [{members: [{zzzzzzzz: 1}]}]", "member")]
    [InlineData("groups: [{vips: [{zzzzzzzz: 1}]}]", "vip")]
    [InlineData("groups: [{routes: [{zzzzzzzz: 1}]}]", "route")]
    [InlineData("groups: [{timing: {zzzzzzzz: 1}}]", "timing")]
    [InlineData("groups: [{failback: {zzzzzzzz: 1}}]", "failback")]
    [InlineData("groups: [{failback: {window: {zzzzzzzz: 1}}}]", "window")]
    [InlineData("groups: [{checks: [{zzzzzzzz: 1}]}]", "host_check")]
    [InlineData("groups: [{directories: [{zzzzzzzz: 1}]}]", "group_directory")]
    [InlineData("groups: [{flap_budget: {zzzzzzzz: 1}}]", "flap_budget")]
    [InlineData("groups: [{hooks: [{zzzzzzzz: 1}]}]", "hook")]
    [InlineData("groups: [{programs: [{zzzzzzzz: 1}]}]", "program")]
    [InlineData("programs: [{zzzzzzzz: 1}]", "program_at_top")]
    [InlineData("programs: [{backoff: {zzzzzzzz: 1}}]", "backoff")]
    [InlineData("programs: [{readiness: {zzzzzzzz: 1}}]", "readiness")]
    [InlineData("programs: [{liveness: {zzzzzzzz: 1}}]", "liveness")]
    [InlineData("programs: [{limits: {zzzzzzzz: 1}}]", "limits")]
    [InlineData("programs: [{limits: {rlimits: {zzzzzzzz: 1}}}]", "rlimits")]
    [InlineData("programs: [{limits: {rlimits: {core: {zzzzzzzz: 1}}}}]", "limit")]
    [InlineData("programs: [{adopt: {zzzzzzzz: 1}}]", "adopt")]
    public void Every_field_that_is_read_is_in_the_schema_and_the_other_way_round(string text, string section)
    {
        // The reader says what it knows when it meets what it does not.
        var known = Known().Match(Read.Errors(text)).Groups[1].Value.Split(", ");
        known.Order(StringComparer.Ordinal).ShouldBe(Sections()[section].Fields.Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_section_is_compared() => Sections().Count.ShouldBe(22, "a section more needs a line in the test above");

    internal static Dictionary<string, ISection> Sections()
    {
        var found = new Dictionary<string, ISection>(StringComparer.Ordinal);
        foreach (var section in (ISection[])[HostFields.Section, GroupFields.Section, ProgramFields.AtTop])
            Collect(new MapShape(section), found);
        return found;
    }

    private static void Collect(FieldShape shape, Dictionary<string, ISection> found)
    {
        switch (shape)
        {
            case MapShape map when found.TryAdd(map.Section.Name, map.Section):
                foreach (var field in map.Section.Fields)
                    Collect(field.Shape, found);
                break;
            case ListShape list:
                Collect(list.Item, found);
                break;
            case AnyShape any:
                foreach (var one in any.Shapes)
                    Collect(one, found);
                break;
        }
    }

    private static string Published([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/manifest.schema.json"));

    [GeneratedRegex("zzzzzzzz: unknown field; known here: (.*)")]
    private static partial Regex Known();
}
