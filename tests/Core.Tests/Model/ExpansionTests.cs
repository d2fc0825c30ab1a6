using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class ExpansionTests
{
    private static readonly Dictionary<string, ExpansionValue> Values = new()
    {
        ["program_name"] = new("web"),
        ["odd"] = new("100% a"),
        ["process_num"] = ExpansionValue.Of(7),
        ["minus"] = ExpansionValue.Of(-7),
    };

    // Expected values are those of Python's % operator with the same mapping.
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("%(program_name)s-%(process_num)d", "web-7")]
    [InlineData("%(process_num)02d|%(process_num)5d|%(process_num)-3d|%(process_num)+d|%(process_num)i", "07|    7|7  |+7|7")]
    [InlineData("%(minus)04d|%(minus)+d", "-007|-7")]
    [InlineData("%(program_name)5s|%(program_name)-5s|%(process_num)s", "  web|web  |7")]
    [InlineData("%(process_num)+03d", "+07")]
    [InlineData("100%% %%(program_name)s", "100% %(program_name)s")]
    [InlineData("%(odd)s", "100% a")]
    public void It_writes_what_python_writes(string text, string expected)
    {
        Expansion.TryFinish(text, Values, out var expanded, out var error).ShouldBeTrue(error);
        expanded.ShouldBe(expected);
        // Two passes come to the same as one, whatever the first one knows.
        foreach (var known in Values.Keys)
        {
            var prepared = Expansion.Prepare(text, new Dictionary<string, ExpansionValue> { [known] = Values[known] });
            Expansion.TryFinish(prepared, Values, out var twice, out _).ShouldBeTrue();
            twice.ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("%", "the % at position 1 begins no expansion: write %% for a percent sign")]
    [InlineData("date +%F", "the % at position 7 begins no expansion: write %% for a percent sign")]
    [InlineData("%(program_name", "the % at position 1 begins no expansion: write %% for a percent sign")]
    [InlineData("%(program_name)", "%(program_name) must be followed by s or d, or by a width up to 100 and d: %(program_name)s, %(program_name)02d")]
    [InlineData("%(process_num)x", "%(process_num) must be followed by s or d, or by a width up to 100 and d: %(process_num)s, %(process_num)02d")]
    [InlineData("%(process_num)99999999999d", "%(process_num) must be followed by s or d, or by a width up to 100 and d: %(process_num)s, %(process_num)02d")]
    [InlineData("a %(nobody)s", "%(nobody)s has no value on this host")]
    public void It_says_what_is_wrong(string text, string expected)
    {
        Expansion.TryFinish(text, Values, out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }
}
