using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("prioritty", "priority")]
    [InlineData("Members", "members")]
    [InlineData("memebrs", "members")]
    [InlineData("zzz", null)]
    public void The_nearest_name_is_found(string text, string? name) =>
        NearestName.Of(text, ["members", "priority", "vips"]).ShouldBe(name);

    [Fact]
    public void Among_equals_the_first_by_name_is_taken() => NearestName.Of("hostc", ["hostb", "hosta"]).ShouldBe("hosta");
}
