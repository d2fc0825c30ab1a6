using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class CommandLineTests
{
    // Expected values are those of Python's shlex.split.
    [Theory]
    [InlineData("/bin/cat", "/bin/cat")]
    [InlineData("  a  b\tc\n", "a|b|c")]
    [InlineData("sh -c 'exec sleep 5; true'", "sh|-c|exec sleep 5; true")]
    [InlineData("a \"b c\"'d e'f", "a|b cd ef")]
    [InlineData("a '' \"\"", "a||")]
    [InlineData("a\\ b \\'c\\'", "a b|'c'")]
    [InlineData("\"a\\\"b\\\\c\\d\\$\"", "a\"b\\c\\d\\$")]
    [InlineData("'a\\b'", "a\\b")]
    [InlineData("a #b", "a|#b")]
    [InlineData("x $HOME *", "x|$HOME|*")]
    public void It_splits_as_a_shell_would(string command, string expected)
    {
        CommandLine.TrySplit(command, out var words, out var error).ShouldBeTrue(error);
        string.Join('|', words).ShouldBe(expected);
    }

    [Theory]
    [InlineData("a 'b", "the quote ' at position 3 is not closed")]
    [InlineData("echo \"x", "the quote \" at position 6 is not closed")]
    [InlineData("a \\", "the backslash at position 3 escapes nothing")]
    [InlineData("   ", "it is empty")]
    public void It_says_what_is_wrong_and_where(string command, string expected)
    {
        CommandLine.TrySplit(command, out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }
}
