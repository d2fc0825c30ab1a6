using System.Text.RegularExpressions;

namespace HaGrpc.Tidy.Tests;

/// <summary>Core decides and does nothing else: inputs in, effects out.</summary>
public sealed partial class PurityTests
{
    [Fact]
    public void Core_neither_waits_nor_looks_at_a_clock_nor_touches_the_world()
    {
        var found = SourceTree.CSharp("src/Core/")
            .SelectMany(file => file.Code.Split('\n').Select((line, i) => (file.Path, Number: i + 1, Match: Impure().Match(line))))
            .Where(hit => hit.Match.Success)
            .Select(hit => $"{hit.Path}:{hit.Number}: {hit.Match.Value}");
        found.ShouldBeEmpty();
    }

    [Fact]
    public void There_is_a_core_to_look_at() => SourceTree.CSharp("src/Core/").Count.ShouldBeGreaterThan(10);

    [Theory]
    [InlineData("await x;", true)]
    [InlineData("var a = 1; // await", false)]
    [InlineData("var a = \"DateTime\";", false)]
    [InlineData("DateTime.UnixEpoch", true)]
    public void The_pattern_sees_code_and_not_words(string line, bool impure) =>
        Impure().IsMatch(CodeOnly.Of(line)).ShouldBe(impure);

    [GeneratedRegex(@"\b(async|await)\b|\bTask(<|\.)|\b(DateTime|DateTimeOffset\.|TimeProvider|Stopwatch|ILogger|Socket|Process|File|Console|Environment|Thread)\.\w|\b(new|typeof)\W+(Thread|Timer|Socket|Process|HttpClient)\b|\b(DateTime|DateTimeOffset\.|TimeProvider|ILogger|Socket)\b|\bDllImport\b|\bLibraryImport\b|\bGuid\.NewGuid\b|\bGrpc\.|\bGoogle\.Protobuf\b|\bSystem\.(IO|Data|Net\.Sockets|Threading\.Tasks)\b")]
    private static partial Regex Impure();
}
