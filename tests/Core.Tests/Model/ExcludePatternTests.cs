using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class ExcludePatternTests
{
    [Theory]
    [InlineData("*.log", "app.log", true)]
    [InlineData("*.log", "var/deep/app.log", true)]
    [InlineData("*.log", "app.log.1", false)]
    [InlineData("*.log*", "app.log.1", true)]
    [InlineData("*.log", ".log", true)]
    [InlineData("a*b*c", "axxbyybzc", true)]
    [InlineData("a*b*c", "axxbyybz", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("core", "core", true)]
    [InlineData("core", "score", false)]
    [InlineData("core", "var/core", true)]
    [InlineData("/core", "core", true)]
    [InlineData("/core", "var/core", false)]
    [InlineData("var/*.db", "var/x.db", true)]
    [InlineData("var/*.db", "var/deep/x.db", false)]
    [InlineData("var/*.db", "srv/var/x.db", false)]
    [InlineData("*/logs/*", "app/logs/today", true)]
    [InlineData("*/logs/*", "logs/today", false)]
    [InlineData("*", "anything", true)]
    [InlineData("Ω*", "Ωmega", true)]
    [InlineData("App", "app", false)]
    public void A_pattern_is_compared_with_names_or_with_whole_paths(string pattern, string path, bool matches)
    {
        ExcludePattern.ProblemOf(pattern).ShouldBeNull();
        new ExcludePattern(pattern).Matches(path, isDirectory: false).ShouldBe(matches);
        new ExcludePattern(pattern).Matches(path, isDirectory: true).ShouldBe(matches);
    }

    [Theory]
    [InlineData("cache/", "cache")]
    [InlineData("cache/", "var/cache")]
    [InlineData("var/cache/", "var/cache")]
    public void A_slash_behind_it_means_directories(string pattern, string path)
    {
        new ExcludePattern(pattern).Matches(path, isDirectory: true).ShouldBeTrue();
        new ExcludePattern(pattern).Matches(path, isDirectory: false).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("//")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("../a")]
    [InlineData("**")]
    [InlineData("[a]")]
    [InlineData("a\\*")]
    public void What_would_mean_something_else_in_rsync_is_refused(string pattern) => ExcludePattern.ProblemOf(pattern).ShouldNotBeNull();
}
