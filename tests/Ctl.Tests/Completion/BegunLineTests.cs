using HaGrpc.Ctl.Completion;

namespace HaGrpc.Ctl.Tests.Completion;

public sealed class BegunLineTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("hactl ", "hactl|")]
    [InlineData("hactl status we", "hactl|status|we")]
    [InlineData("hactl stop --reason \"two words\" we", "hactl|stop|--reason|two words|we")]
    [InlineData("hactl stop --reason two\\ wor", "hactl|stop|--reason|two wor")]
    [InlineData("hactl stop 'a \"b", "hactl|stop|a \"b")]
    [InlineData("hactl stop \"a\\\"b", "hactl|stop|a\"b")]
    [InlineData("hactl stop ''", "hactl|stop|")]
    [InlineData("hactl  stop\t we\\", "hactl|stop|we\\")]
    public void Words_are_those_of_a_shell(string line, string words) => string.Join('|', BegunLine.Of(line, ":=").Words).ShouldBe(words);

    [Theory]
    [InlineData("status web:h", ":=", "web:http", "http")]
    [InlineData("status web:h", "", "web:http", "web:http")]
    [InlineData("status \"web:h", ":=", "web:http", "web:http")]
    [InlineData("hosts --output=j", ":=", "--output=json", "json")]
    [InlineData("status web:", ":=", "web:*", "\\*")]
    [InlineData("status 'web:", ":=", "web:*", "web:*")]
    [InlineData("why b", ":=", "b c", "b\\ c")]
    [InlineData("why \"b", ":=", "b $c", "b \\$c")]
    [InlineData("why 状", ":=", "状态", "状态")]
    public void What_is_put_in_replaces_what_the_shell_takes_for_the_word(string line, string breaks, string word, string put) =>
        BegunLine.Of(line, breaks).Replacement(word).ShouldBe(put);
}
