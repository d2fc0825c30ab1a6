using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1023", 1023)]
    [InlineData("1kb", 1024)]
    [InlineData("50mb", 52_428_800)]
    [InlineData("2gb", 2_147_483_648)]
    [InlineData("3tb", 3_298_534_883_328)]
    public void What_is_written_is_read(string text, long bytes)
    {
        SizeText.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(bytes);
        SizeText.Format(bytes).ShouldBe(text);
    }

    [Fact]
    public void Letters_may_be_large() => (SizeText.TryParse("1MB", out var bytes) ? bytes : 0).ShouldBe(1 << 20);

    [Theory]
    [InlineData("")]
    [InlineData("mb")]
    [InlineData("-1")]
    [InlineData("1.5mb")]
    [InlineData("1 mb")]
    [InlineData("1mib")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608tb")]
    public void Nothing_else_is_a_size(string text) => SizeText.TryParse(text, out _).ShouldBeFalse();
}
