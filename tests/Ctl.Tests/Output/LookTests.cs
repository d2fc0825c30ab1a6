using System.Text.Json;
using HaGrpc.Ctl.Output;
using HaGrpc.Ctl.Tests.Commands;
using HaGrpc.V1;
using YamlDotNet.Serialization;

namespace HaGrpc.Ctl.Tests.Output;

/// <summary>Colours, YAML and more columns: the same answers, looking otherwise.</summary>
public sealed class LookTests
{
    [Theory]
    [InlineData("auto", true, null, "xterm", true)]
    [InlineData("auto", false, null, "xterm", false)]
    [InlineData("auto", true, "1", "xterm", false)]
    [InlineData("auto", true, "", "xterm", true)]
    [InlineData("auto", true, null, "dumb", false)]
    [InlineData("always", false, "1", "xterm", true)]
    [InlineData("never", true, null, "xterm", false)]
    public void Colours_are_for_terminals_whose_owner_wants_them(string wanted, bool isTerminal, string? noColor, string term, bool isColoured) =>
        Ink.Of(wanted, isTerminal, name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null).Paint("x", Hue.Bad).ShouldBe(isColoured ? "\x1b[31mx\x1b[0m" : "x");

    [Fact]
    public async Task States_are_coloured_and_columns_stay_where_they_are()
    {
        await using var plane = await StartAsync();
        var plain = (await plane.RunAsync("status")).Out;
        var coloured = (await plane.RunAsync("status", "--color", "always")).Out;
        coloured.ShouldContain("\x1b[32mRUNNING   \x1b[0mpid 9");
        coloured.ShouldContain("\x1b[31mFATAL     \x1b[0m");
        coloured.Replace("\x1b[32m", "", StringComparison.Ordinal).Replace("\x1b[31m", "", StringComparison.Ordinal).Replace("\x1b[0m", "", StringComparison.Ordinal).ShouldBe(plain);
        (await plane.RunOnTerminalAsync("status")).Out.ShouldBe(coloured);
        (await plane.RunOnTerminalAsync("status", "-o", "json")).Out.ShouldNotContain("\x1b");
        (await plane.RunAsync("hosts", "--color", "always")).Out.ShouldContain("\x1b[32mlive   \x1b[0m  ");
    }

    [Fact]
    public async Task Yaml_is_the_json_document()
    {
        await using var plane = await StartAsync();
        foreach (var command in new[] { "status", "hosts", "groups", "control-planes", "version" })
        {
            var json = JsonDocument.Parse((await plane.RunAsync(command, "-o", "json")).Out).RootElement;
            var yaml = new DeserializerBuilder().Build().Deserialize<object>((await plane.RunAsync(command, "-o", "yaml")).Out);
            Shown(yaml).ShouldBe(Shown(json), command);
        }
    }

    [Theory]
    [InlineData("""{"a":[],"b":{},"c":null,"d":[[1,2],[]],"e":[{"x":1,"y":[{"z":"true"}]},"no: 1"]}""")]
    [InlineData("""["a\nb","","-","# x","1e3","null","  lead"]""")]
    [InlineData("""{"a b":{"c":{"d":[{}]}},"0":"0"}""")]
    [InlineData("\"alone\"")]
    public void Any_document_comes_back_from_yaml(string text)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var json = JsonDocument.Parse(text).RootElement;
        YamlText.Write(output, json);
        Shown(new DeserializerBuilder().Build().Deserialize<object>(output.ToString())).ShouldBe(Shown(json), output.ToString());
    }

    [Fact]
    public async Task Events_of_a_stream_are_documents_of_yaml()
    {
        await using var plane = await StartAsync();
        plane.Admin.OnEvents = _ => new() { Events = { new Event { Id = 1, Kind = "HostLost" }, new Event { Id = 2, Kind = "HostLive" } } };
        (await plane.RunAsync("events", "-o", "yaml")).Out.ShouldMatch("^---\nid: 1\n(.+\n)+---\nid: 2\n");
    }

    [Fact]
    public async Task Wide_has_more_columns_and_nothing_less()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("status", "-o", "wide")).Out.ShouldStartWith("PROGRAM   STATE    WANTED   HOST  PID  SINCE");
        foreach (var command in new[] { "hosts", "groups", "control-planes" })
        {
            var (narrow, wide) = (Heads((await plane.RunAsync(command)).Out), Heads((await plane.RunAsync(command, "-o", "wide")).Out));
            wide.Length.ShouldBeGreaterThan(narrow.Length, command);
            narrow.Except(wide).ShouldBeEmpty(command);
        }
    }

    [Fact]
    public void Columns_of_a_table_count_Chinese_characters_twice()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var table = new Table("A", "B");
        table.Add("主机", "x");
        table.Add("h", "y");
        table.Print(output);
        output.ToString().ShouldBe("A     B\n主机  x\nh     y\n");
        TextWidth.Of("a主e\u0301").ShouldBe(4);
        TextWidth.Cut("主机", 3).ShouldBe("主");
    }

    private static string[] Heads(string table) => table.Split('\n')[0].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Scalars as text: whether 1 or "1" stands there is seen by the quotes, which readers of untyped YAML drop.
    private static string Shown(object? value) => value switch
    {
        null or "" => "\"\"",
        IDictionary<object, object> map => $"{{{string.Join(",", map.Select(pair => $"{pair.Key}={Shown(pair.Value)}"))}}}",
        IList<object> list => $"[{string.Join(",", list.Select(Shown))}]",
        _ => $"\"{value}\"",
    };

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(",", value.EnumerateObject().Select(field => $"{field.Name}={Shown(field.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(",", value.EnumerateArray().Select(Shown))}]",
        JsonValueKind.Null => "\"\"",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        _ => $"\"{value.GetRawText()}\"",
    };

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                new ProgramLine { Program = new() { Group = "web", Name = "http" }, Host = "a", Status = new() { State = ProgramState.Running, Pid = 9 } },
                new ProgramLine { Program = new() { Group = "web", Name = "bad" }, Host = "a", Status = new() { State = ProgramState.Fatal, Detail = "no: such file" } },
            },
        };
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "a" }, State = HostState.Live }, new HostStatus { Host = new() { Name = "b" }, State = HostState.Suspect } } };
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web", Members = { new Member { Host = "a", Priority = 3 } } }, Owner = "a", Phase = "Owned" } } };
        return plane;
    }
}
