using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0, "0")]
    [InlineData("5000", 5000, "5000")]
    [InlineData("4096", 4096, "4KB")]
    [InlineData("64kb", 65536, "64KB")]
    [InlineData("50MB", 52428800, "50MB")]
    [InlineData("2048Mb", 2147483648, "2GB")]
    [InlineData("8589934591GB", 9223372035781033984, "8589934591GB")]
    public void A_size_is_read_and_written(string text, long bytes, string canonical)
    {
        SizeText.TryParse(text, out var size).ShouldBeTrue();
        size.ShouldBe(bytes);
        SizeText.Format(size).ShouldBe(canonical);
        SizeText.TryParse(canonical, out var again).ShouldBeTrue();
        again.ShouldBe(size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("50M")]
    [InlineData("50 MB")]
    [InlineData("-1")]
    [InlineData("1.5GB")]
    [InlineData("50MiB")]
    [InlineData("8589934592GB")]
    public void What_is_no_size_is_refused(string text) => SizeText.TryParse(text, out _).ShouldBeFalse();
}
