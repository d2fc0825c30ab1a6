using System.Text.RegularExpressions;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Tests.Commands;

namespace HaGrpc.Ctl.Tests.Language;

public sealed partial class CatalogueTests
{
    [Fact]
    public void Every_message_has_a_Chinese_one()
    {
        var messages = SpokenMessages.All();
        messages.Count.ShouldBeGreaterThan(300);
        string[] missing = [.. messages.Where(english => Catalogue.Chinese.Find(english) is null).Order(StringComparer.Ordinal).Select(Quoted)];
        missing.Length.ShouldBe(0, $"put these into src/Ctl/Language/zh.po:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void Every_Chinese_one_has_the_same_values() => Catalogue.Chinese.Messages
        .Where(pair => !Holes(pair.Key).SequenceEqual(Holes(pair.Value), StringComparer.Ordinal))
        .Select(pair => pair.Key).ShouldBeEmpty();

    [Fact]
    public void No_Chinese_one_is_of_a_message_that_is_gone()
    {
        var messages = SpokenMessages.All();
        Catalogue.Chinese.Messages.Select(pair => pair.Key).Where(english => !messages.Contains(english) && !OfTheLibrary.Contains(english)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("LC_ALL", "zh_CN.UTF-8", true)]
    [InlineData("LC_MESSAGES", "zh_TW.utf8", true)]
    [InlineData("LANG", "zh", true)]
    [InlineData("LANG", "zh_CN.GB18030", false)]
    [InlineData("LANG", "en_US.UTF-8", false)]
    [InlineData("LANG", "zha_CN.UTF-8", false)]
    [InlineData("OTHER", "zh_CN.UTF-8", false)]
    public void The_locale_says_the_language(string variable, string value, bool isChinese) =>
        (ChosenLanguage.Of(["status"], name => name == variable ? value : null) is not null).ShouldBe(isChinese);

    [Fact]
    public void The_option_outdoes_the_locale_and_LC_ALL_the_other_variables()
    {
        static string? Chinese(string name) => name == "LANG" ? "zh_CN.UTF-8" : null;
        ChosenLanguage.Of(["--lang", "en", "status"], Chinese).ShouldBeNull();
        ChosenLanguage.Of(["status", "--lang=zh"], _ => null).ShouldBe(Catalogue.Chinese);
        ChosenLanguage.Of(["status"], name => name == "LC_ALL" ? "C" : Chinese(name)).ShouldBeNull();
        ChosenLanguage.Of(["program", "add", "x", "--", "--lang", "zh"], _ => null).ShouldBeNull();
    }

    [Fact]
    public async Task Help_headings_errors_and_tables_are_Chinese_and_JSON_is_not()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HaGrpc.V1.HostStatus { Host = new() { Name = "a" } } } };
        var help = (await plane.RunAsync("status", "--help", "--lang", "zh")).Out;
        help.ShouldContain("用法");
        help.ShouldContain("显示程序");
        help.ShouldNotContain("Usage:");
        (await plane.RunAsync("hosts", "--lang", "zh")).Out.ShouldStartWith("主机");
        (await plane.RunAsync("stat", "--lang", "zh")).Error.ShouldContain("没有命令 'stat'；是否要用 status？");
        (await plane.RunAsync("apply", "--lang", "zh")).Error.ShouldContain("必须给出选项 --file");
        (await plane.RunAsync("hosts", "-o", "xml", "--lang", "zh")).Error.ShouldContain("'xml' 不在可用的值之中");
        (await plane.RunAsync("hosts", "--lang", "zh", "-o", "json")).Out.ShouldBe((await plane.RunAsync("hosts", "-o", "json")).Out);
        (await plane.RunAsync("hosts")).Out.ShouldStartWith("HOST");
    }

    [Fact]
    public async Task What_an_apply_and_a_group_are_told_with_is_Chinese()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new() { Changes = { new HaGrpc.V1.Change { Object = "program/web:http", Kind = HaGrpc.V1.ChangeKind.Updated, RestartedFor = { "command" } } } };
        plane.Admin.OnGroups = () => new()
        {
            Groups = { new HaGrpc.V1.GroupStatus { Group = new() { Name = "web", Members = { new HaGrpc.V1.Member { Host = "a", Priority = 100 } } }, Phase = "Owned", Owner = "a", Epoch = 3 } },
        };
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "hosts: [{name: a}]\n", TestContext.Current.CancellationToken);
        (await plane.RunAsync("apply", "--dry-run", "-f", file, "--lang", "zh")).Out.ShouldBe("program/web:http：将更新，将因 command 变更而重启\n");
        var whole = (await plane.RunAsync("groups", "-v", "--lang", "zh")).Out.Split('\n');
        // Two columns for each character: values begin in the same column, whatever the labels are.
        whole[1].ShouldBe($"  拥有者{new string(' ', 20)}a，纪元 3");
        whole.Single(line => line.StartsWith("  sync_group", StringComparison.Ordinal)).ShouldBe($"  sync_group{new string(' ', 16)}无");
        File.Delete(file);
    }

    [Theory]
    [InlineData("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"c\"\n")]
    [InlineData("what is this")]
    [InlineData("msgid a\n")]
    public void A_wrong_file_is_refused(string text) => Should.Throw<FormatException>(() => Catalogue.Read(new StringReader(text)));

    [Fact]
    public void Continued_and_escaped_texts_are_read_as_gettext_does() =>
        Catalogue.Read(new StringReader("# note\nmsgid \"\"\n\"one \"\n\"two\\n\"\nmsgstr \"\"\n\"ein \\\"zwei\\\"\"\n")).Find("one two\n").ShouldBe("ein \"zwei\"");

    // The library's own words, which stand in no source of ours.
    private static readonly string[] OfTheLibrary =
        ["Description:", "Usage:", "Arguments:", "Options:", "Commands:", "(REQUIRED)", "[default: ", "[options]", "[command]", "Show help and usage information", "Show version information"];

    private static string Quoted(string english) => $"msgid \"{english.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";

    private static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();
}
