using System.Text.RegularExpressions;

namespace HaGrpc.Tidy.Tests;

/// <summary>What is written into the history is in the catalogue of its kinds, and operators can filter by it.</summary>
public sealed partial class EventKindTests
{
    private const string Catalogue = "src/Core/Events/EventKinds.cs";

    // Words of the same form that are something else: settings, and what others call their own.
    private static readonly string[] NoKinds =
        ["AllowPlaintext", "ControlPlane", "EventId", "MethodName", "RunDirectory", "SourceContext", "StateDirectory", "WatchdogDevice"];

    [Fact]
    public void Every_word_that_could_be_a_kind_is_in_the_catalogue()
    {
        var kinds = Kinds();
        Words().Where(word => !kinds.Contains(word.Word) && !NoKinds.Contains(word.Word)).Select(word => $"{word.Where}: {word.Word}").ShouldBeEmpty();
    }

    [Fact]
    public void Every_kind_of_the_catalogue_is_written_by_somebody()
    {
        var words = Words().Select(word => word.Word).ToHashSet();
        Kinds().Where(kind => !words.Contains(kind)).ShouldBeEmpty();
        NoKinds.Where(word => !words.Contains(word)).ShouldBeEmpty("what is none has no reason to be an exception");
        Kinds().Length.ShouldBeGreaterThan(90);
    }

    [Fact]
    public void No_kind_is_put_together_where_nobody_finds_it() => Sources()
        .SelectMany(file => file.Lines.Where(line => IsPutTogether(line.Line)).Select(line => $"{file.Path}:{line.Number}")).ShouldBeEmpty();

    [Theory]
    [InlineData("Kind = $\"Program{action}Requested\",", true)]
    [InlineData("Kind = made ? $\"{noun}Registered\" : \"\",", true)]
    [InlineData("reports.Record(disturbance.Kind.ToString(), group, 0, words);", true)]
    [InlineData("outbox.PostEvent($\"Link{state}\", group, 0, words);", true)]
    [InlineData("outbox.PostEvent(\"LinkUp\", group, 0, $\"{link.ToString()} is up\");", false)]
    [InlineData("Message = $\"{name} registered\",", false)]
    public void What_is_put_together_is_seen(string line, bool isSeen) => IsPutTogether(line).ShouldBe(isSeen);

    private static bool IsPutTogether(string line) => PutTogether().IsMatch(line);

    private static IEnumerable<SourceFile> Sources() => ((string[])["src/Agent/", "src/ControlPlane/", "src/Core/"])
        .SelectMany(folder => SourceTree.CSharp(folder)).Where(file => file.Path != Catalogue);

    private static string[] Kinds() =>
        [.. CatalogueLine().Matches(SourceTree.CSharp(Catalogue).Single().Text).Select(line => line.Groups[1].Value)];

    private static IEnumerable<(string Word, string Where)> Words() => Sources().SelectMany(file => file.Lines
        .Where(line => !line.Line.TrimStart().StartsWith("//", StringComparison.Ordinal))
        .SelectMany(line => TwoWords().Matches(line.Line).Select(word => (word.Groups[1].Value, $"{file.Path}:{line.Number}"))));

    [GeneratedRegex("""(?<!\$)"([A-Z][a-z]+(?:[A-Z][a-z]+)+)\x22""")]
    private static partial Regex TwoWords();

    [GeneratedRegex("""^ {12}new\("(\w+)", "[a-z A-Z]""", RegexOptions.Multiline)]
    private static partial Regex CatalogueLine();

    [GeneratedRegex("""\$"(?:[A-Z][A-Za-z]*)?\{\w+\}[A-Z][A-Za-z]+"|\$"[A-Z][A-Za-z]+\{\w+\}"|\b(?:Record|PostEvent|Happened|Report|RecordHistory|ReportEvent|TellOnce|Told)\([\w.]+\.ToString\(\)""")]
    private static partial Regex PutTogether();
}
